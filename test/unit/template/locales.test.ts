import { expect } from 'chai';
import fc from 'fast-check';
import { chosenLocale, localeBases, type LocaleWishes } from '../../../domain/template/locales.js';

const spoken = ['en', 'de', 'pt-BR', 'sr-Latn', 'zh-Hant', 'tl'];
const wishing = (wishes: Partial<LocaleWishes>): LocaleWishes => ({
  ...{ request: null, customer: null, template: 'en', programme: 'de' },
  ...wishes,
});
const choice = (wishes: Partial<LocaleWishes>, has = spoken) => chosenLocale(wishing(wishes), has);
const localeOf = (request: string) => choice({ request })?.locale;

describe('the locale of a message', () => {
  it('is exactly the one wished for, or its language, however it is spelled', () => {
    expect(localeOf('pt-BR')).to.equal('pt-BR');
    expect(localeOf('PT_br')).to.equal('pt-BR');
    expect(localeOf('de-AT')).to.equal('de');
    expect(localeOf('sr-Latn-RS')).to.equal('sr-Latn');
    expect(localeOf('zh-TW')).to.equal('zh-Hant');
    expect(localeOf('fil')).to.equal('tl');
  });

  it('is not another region, another script or what no locale is', () => {
    for (const other of ['pt', 'pt-PT', 'sr', 'sr-Cyrl-RS', 'zh-CN', '../../etc/passwd', 'a b']) {
      expect(choice({ request: other }), other).to.deep.equal({
        ...{ locale: 'en', basis: 'template', passedOver: { request: other } },
      });
    }
  });

  it("is the request's, else the customer's, else the template's, else the programme's", () => {
    const all = { request: 'de-AT', customer: 'pt-BR' };
    expect(choice(all)).to.deep.equal({ locale: 'de', basis: 'request', passedOver: {} });
    expect(choice({ customer: 'de-AT' })).to.deep.equal({
      ...{ locale: 'de', basis: 'customer', passedOver: {} },
    });
    expect(choice({ request: 'fr', customer: 'de-AT' })).to.deep.equal({
      ...{ locale: 'de', basis: 'customer', passedOver: { request: 'fr' } },
    });
    expect(choice({ request: 'fr', customer: 'it' })).to.deep.equal({
      ...{ locale: 'en', basis: 'template', passedOver: { request: 'fr', customer: 'it' } },
    });
    expect(choice({})).to.deep.equal({ locale: 'en', basis: 'template', passedOver: {} });
    expect(choice({ template: 'it' })).to.include({ locale: 'de', basis: 'programme' });
    expect(choice({ request: 'fr', template: 'it', programme: 'es' })).to.equal(undefined);
    expect(choice({ template: 'en-GB' }, ['en'])).to.equal(undefined);
  });

  it('is heard in that order, whatever is wished for and spoken', () => {
    const tag = fc.constantFrom(
      ...['de', 'de-AT', 'de-DE', 'en', 'en-GB', 'sr', 'sr-Latn', 'sr-Latn-RS', 'zh-TW', 'zh-Hant'],
    );
    const wish = fc.option(fc.oneof(tag, fc.string({ maxLength: 12 })), { nil: null });
    const wishes = fc.record({ request: wish, customer: wish, template: tag, programme: tag });
    fc.assert(
      fc.property(wishes, fc.uniqueArray(tag), (asked, has) => {
        const chosen = chosenLocale(asked, has);
        const alone = (basis: (typeof localeBases)[number]) => {
          const nobody = { request: null, customer: null, template: 'xx', programme: 'xx' };
          return chosenLocale({ ...nobody, [basis]: asked[basis] }, has)?.locale;
        };
        // The first that would be heard if it were the only one, and nothing else.
        const first = localeBases.find((basis) => alone(basis) !== undefined);
        expect(chosen?.basis).to.equal(first);
        expect(chosen?.locale).to.equal(first && alone(first));
        if (!chosen) return;
        expect(has).to.include(chosen.locale);
        for (const basis of ['request', 'customer'] as const) {
          const isEarlier = localeBases.indexOf(basis) < localeBases.indexOf(chosen.basis);
          expect(chosen.passedOver[basis]).to.equal(
            isEarlier && asked[basis] !== null ? asked[basis] : undefined,
          );
          const exact = asked[basis];
          if (chosen.basis === basis && exact !== null && has.includes(exact)) {
            expect(chosen.locale).to.equal(exact);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
