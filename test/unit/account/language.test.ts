import { expect } from 'chai';
import fc from 'fast-check';
import { account } from '../../../domain/account/account.js';
import { closeAccount, erasePerson } from '../../../domain/account/close.js';
import { enrol } from '../../../domain/account/customer.js';
import type { AccountEvent } from '../../../domain/account/events.js';
import { chooseLanguage } from '../../../domain/account/language.js';
import { fromSnapshot, toSnapshot } from '../../../domain/account/snapshot.js';
import { canonicalLanguage, isLanguageOf } from '../../../domain/language.js';
import type { MemberId, UserId } from '../../../domain/ids.js';
import { specification } from '../registry/spec.js';
import { after, enrolled, fold, record } from './spec.js';

const given = specification(account);
const chosen = (language: string | null): AccountEvent => ({
  type: 'LanguageChosen',
  data: { language },
});
const choose = (language: string | null) => (state: ReturnType<typeof fold>) =>
  chooseLanguage({ language }, state);
const languageAfter = (...events: AccountEvent[]) =>
  fold(record([...enrolled, ...events])).profile.language;
const second = 2 as MemberId;
const joined: AccountEvent = {
  type: 'MemberAdded',
  data: { memberId: second, person: '', phoneHash: null, emailHash: null, merchantId: null },
};
const leaving = { memberId: 1 as MemberId, reason: 'moved out' };

describe('the language of a customer', () => {
  it('is chosen, changed and taken back, and recorded only where it differs', () => {
    given(...enrolled)
      .when(choose('de-AT'))
      .then(chosen('de-AT'));
    given(...enrolled, chosen('de-AT'))
      .when(choose('de-AT'))
      .thenNothing();
    given(...enrolled, chosen('de-AT'))
      .when(choose('fr'))
      .then(chosen('fr'));
    given(...enrolled, chosen('de-AT'))
      .when(choose(null))
      .then(chosen(null));
    given(...enrolled)
      .when(choose(null))
      .thenNothing();
    expect(languageAfter(chosen('de-AT'), chosen('fr'))).to.equal('fr');
  });

  it('comes with the enrolment, in one append, where it was told', () => {
    const command = {
      ...{ userId: '8018000010000000000000013' as UserId, person: '', phoneHash: null },
      ...{ emailHash: null, merchantId: null, cardNumber: null, numbered: false },
    };
    given()
      .when((state) => enrol({ ...command, language: 'de-AT' }, state).slice(1))
      .then(chosen('de-AT'));
    given()
      .when((state) => enrol(command, state).slice(1))
      .thenNothing();
  });

  it('is of nobody who is not there, has left, or whose account is closed', () => {
    given().when(choose('de')).thenRejected('account-not-found');
    given(...after(enrolled, (state) => closeAccount({ reason: 'x', at: 0 }, state)))
      .when(choose('de'))
      .thenRejected('account-closed');
    given(...enrolled, joined, { type: 'MemberRemoved', data: leaving })
      .when(choose('de'))
      .thenRejected('member-not-found');
  });

  it('is forgotten with the person, and stays where somebody else goes', () => {
    const past = [...enrolled, chosen('de-AT')];
    const erased = after(past, (state) => erasePerson({ reason: 'x', at: 0 }, state));
    expect(fold(record(erased)).profile.language).to.equal(null);
    const goes = (memberId: MemberId, type: 'MemberRemoved' | 'MemberErased'): AccountEvent => ({
      type,
      data: { ...leaving, memberId },
    });
    expect(languageAfter(chosen('de-AT'), joined, goes(second, 'MemberErased'))).to.equal('de-AT');
    for (const type of ['MemberRemoved', 'MemberErased'] as const) {
      expect(languageAfter(chosen('de-AT'), joined, goes(leaving.memberId, type))).to.equal(null);
    }
  });

  it('outlives a change of the person, new attributes and a snapshot', () => {
    const events: AccountEvent[] = [
      chosen('de-AT'),
      { type: 'PersonChanged', data: { person: '', phoneHash: null, emailHash: null } },
      { type: 'CustomerAttributesSet', data: { set: { vip: true }, removed: [] } },
    ];
    const state = fold(record([...enrolled, ...events]));
    const kept = fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(state))));
    for (const { profile } of [state, kept]) {
      expect(profile).to.deep.equal({
        ...{ birthday: null, attributes: { vip: true }, language: 'de-AT' },
      });
    }
  });
});

describe('a tag of a language', () => {
  it('has one spelling', () => {
    for (const [asked, canonical] of Object.entries({
      ...{ de: 'de', 'DE-at': 'de-AT', 'zh-hant-tw': 'zh-Hant-TW', 'ca-VALENCIA': 'ca-valencia' },
      ...{ iw: 'he', 'en-latn-gb': 'en-Latn-GB', 'es-419': 'es-419', fil: 'fil' },
    })) {
      expect(canonicalLanguage(asked), asked).to.equal(canonical);
    }
  });

  it('is nothing else, and says nothing of anybody', () => {
    const others = ['', 'd', 'german', 'de_AT', 'de AT', 'de,en', '*', 'und', 'und-DE', 'x-ann'];
    const more = ['de-x-ann', 'de-u-co-phonebk', 'en-t-de', '+4479460018', 'a@b.example'];
    for (const one of [...others, ...more]) expect(canonicalLanguage(one), one).to.equal(null);
  });

  it('is the same once it has its spelling, whatever was typed', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9]{1,8}$/);
    const typed = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('-')),
    );
    fc.assert(
      fc.property(typed, (asked) => {
        const canonical = canonicalLanguage(asked);
        if (canonical === null) return;
        expect(canonicalLanguage(canonical)).to.equal(canonical);
        expect(canonical.length).to.be.at.most(35);
        expect(isLanguageOf(canonical, canonical.split('-')[0] as string)).to.equal(true);
      }),
    );
  });

  it('is a kind of the language it begins with', () => {
    expect(isLanguageOf('de-AT', 'de')).to.equal(true);
    expect(isLanguageOf('de-AT', 'DE-at')).to.equal(true);
    expect(isLanguageOf('de', 'de-AT')).to.equal(false);
    expect(isLanguageOf('den', 'de')).to.equal(false);
  });
});
