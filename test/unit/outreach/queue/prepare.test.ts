import { expect } from 'chai';
import { createRenderer } from '../../../../commands/template/render.js';
import type { TemplateId } from '../../../../domain/ids.js';
import type { SentKnown } from '../../../../projections/outbox/permissions.js';
import { outreachRulesDefault } from '../../../../domain/consent/rules.js';
import { createLately } from '../../../../workers/outreach/lately.js';
import { createPrepare, type PrepareOptions } from '../../../../workers/outreach/prepare.js';
import { carrying, chunkOf, idOf, inHand, known, noon, phoneHash } from './known.js';
import type { TemplateContent } from '../../../../domain/template/template.js';

const preparing = (changes: Partial<PrepareOptions> = {}) =>
  createPrepare({
    outreach: { template: () => undefined } as never,
    ...{ renderer: createRenderer(), carriers: carrying(), now: () => noon },
    lately: createLately(() => noon),
    ...changes,
  });

describe('how often somebody is written to', () => {
  const chunkWith = (max: number) => {
    const caps = [{ channel: null, class: 'marketing' as const, perSeconds: 86_400, max }];
    return chunkOf({ rules: { ...outreachRulesDefault, quietHours: null, caps } });
  };
  const chunk = chunkWith(1);
  const sentOf = (n: number): SentKnown => ({
    ...{ messageId: idOf(n), attempt: 1, channel: 'email', at: noon - 1_000 },
  });

  it('does not count what was tried of a message against the message itself', () => {
    const prepare = preparing();
    const one = inHand();
    expect(prepare(chunk, one, known()).kind).to.equal('send');
    expect(prepare(chunk, one, known()).kind, 'tried again').to.equal('send');
    const cascaded = known({ sent: () => [sentOf(1)] });
    expect(prepare(chunk, one, cascaded).kind, 'on another channel').to.equal('send');
  });

  it('counts another message, recorded or decided on a moment ago, and once', () => {
    const recorded = known({ sent: () => [sentOf(2)] });
    expect(preparing()(chunk, inHand(), recorded)).to.include({
      ...{ kind: 'hold', reason: 'frequency-cap' },
    });
    const prepare = preparing();
    expect(prepare(chunk, inHand({ messageId: idOf(2) }), known()).kind).to.equal('send');
    expect(prepare(chunk, inHand(), known())).to.include({
      ...{ kind: 'hold', reason: 'frequency-cap' },
    });
    const two = chunkWith(2);
    const again = preparing();
    again(two, inHand({ messageId: idOf(2) }), known());
    again(two, inHand({ messageId: idOf(2) }), known());
    expect(again(two, inHand(), known()).kind).to.equal('send');
  });
});

describe('what was decided on lately', () => {
  it('is remembered for a minute, and for as long as the tables may not know it', () => {
    let [now, knownUntil] = [noon, noon];
    const lately = createLately(
      () => now,
      () => knownUntil,
    );
    lately.add('addr_ada', { messageId: idOf(1), channel: 'sms', at: noon });
    now = knownUntil = noon + 59_000;
    expect(lately.of('addr_ada')).to.have.length(1);
    [now, knownUntil] = [noon + 600_000, noon + 30_000];
    expect(lately.of('addr_ada')).to.have.length(1);
    knownUntil = noon + 61_000;
    expect(lately.of('addr_ada')).to.have.length(0);
  });
});

describe('an own text as an SMS', () => {
  it('is not sent where it has more parts than a template may have', () => {
    const chunk = chunkOf({ rules: { ...outreachRulesDefault, quietHours: null } });
    const saying = (length: number) => {
      const { addresses } = known().opened(inHand()) as { addresses: object };
      const text = { text: 'x'.repeat(length) };
      return known({ opened: () => ({ addresses, text }) });
    };
    expect(preparing()(chunk, inHand(), saying(1_530)).kind).to.equal('send');
    expect(preparing()(chunk, inHand(), saying(1_531))).to.deep.include({
      next: { kind: 'end', status: 'failed', reason: 'content' },
      detail: '11 parts as an SMS, of 10 at the most',
    });
  });
});

describe('what a message needs and is not known here yet', () => {
  const chunk = chunkOf({ rules: { ...outreachRulesDefault, quietHours: null } });

  it('is waited for: an account that was registered a moment before', () => {
    const early = known({ isTooEarly: () => true, addresses: () => ({}), hash: () => null });
    const found = preparing({ now: () => noon + 400 })(chunk, inHand(), early);
    expect(found).to.include({ kind: 'hold', reason: 'not-known-yet', until: noon + 800 });
    const old = preparing({ now: () => noon + 1_000_000 })(chunk, inHand(), early);
    expect(old).to.include({ kind: 'over' });
  });

  it('is waited for: a template that was published a moment before', () => {
    const template = { templateId: 'hello' as TemplateId, version: 3 };
    const found = preparing()(chunk, inHand({ template }), known());
    expect(found).to.include({ kind: 'hold', reason: 'not-known-yet', until: noon + 250 });
    const old = preparing({ now: () => noon + 1_000_000 })(chunk, inHand({ template }), known());
    expect(old).to.deep.include({
      next: { kind: 'end', status: 'failed', reason: 'content' },
      detail: 'template hello 3 is not known',
    });
  });
});

describe('the language that is spoken to somebody', () => {
  const chunk = chunkOf({ rules: { ...outreachRulesDefault, quietHours: null } });
  const content: TemplateContent = {
    ...{ name: 'Hello', defaultLocale: 'en', variables: [] },
    bodies: { en: { sms: { text: 'Good day' } }, de: { sms: { text: 'Guten Tag' } } },
  };
  const template = { templateId: 'hello' as TemplateId, version: 1 };
  const prepare = preparing({ outreach: { template: () => ({ content, version: 1 }) } as never });
  const spoken = (locale: string | undefined, language: string | null) => {
    const recipient = {
      ...{ userId: null, subject: 'addr_ada', addresses: { phone: phoneHash } },
      ...(locale === undefined ? {} : { locale }),
    };
    const opened = () => ({ addresses: {} }) as never;
    const knowing = known({ opened, language: () => language });
    const found = prepare(chunk, inHand({ template, recipient }), knowing);
    if (found.kind !== 'send') throw new Error(`not sent: ${JSON.stringify(found)}`);
    return { text: found.outgoing.content.text, ...found.start.language };
  };

  it('is theirs where the request names no other, and it is recorded why', () => {
    expect(spoken(undefined, 'de-AT')).to.deep.equal({
      ...{ text: 'Guten Tag', locale: 'de', basis: 'customer' },
    });
    expect(spoken('en-GB', 'de-AT')).to.deep.equal({
      ...{ text: 'Good day', locale: 'en', basis: 'request' },
    });
    expect(spoken('fr', 'de-AT')).to.deep.equal({
      ...{ text: 'Guten Tag', locale: 'de', basis: 'customer', passedOver: { request: 'fr' } },
    });
    expect(spoken(undefined, null)).to.deep.equal({
      ...{ text: 'Good day', locale: 'en', basis: 'template' },
    });
    expect(spoken(undefined, 'lv')).to.deep.equal({
      ...{ text: 'Good day', locale: 'en', basis: 'template', passedOver: { customer: 'lv' } },
    });
  });

  it("is nobody's choice where the request brings its own words", () => {
    const found = prepare(chunk, inHand(), known({ language: () => 'de-AT' }));
    expect(found).to.include({ kind: 'send' });
    expect(JSON.stringify(found)).to.not.include('basis":"customer');
  });
});
