import { expect } from 'chai';
import fc from 'fast-check';
import {
  type PermissionAsked,
  permissionOf,
  type Sent,
} from '../../../domain/consent/permission.js';
import { outreachRulesDefault, type OutreachRules } from '../../../domain/consent/rules.js';
import { suppressionReasons } from '../../../domain/consent/suppression.js';
import { channels, classRules, messageClasses } from '../../../domain/message/kinds.js';

const day = 86_400_000;
const noon = Date.parse('2026-05-04T12:00:00Z');
const night = Date.parse('2026-05-04T23:30:00Z');
const morning = Date.parse('2026-05-05T09:00:00Z');
const rules: OutreachRules = {
  ...outreachRulesDefault,
  quietHours: { from: '21:00', to: '09:00' },
  caps: [
    { channel: null, perSeconds: 7 * 86_400, max: 3 },
    { channel: 'sms', perSeconds: 86_400, max: 1 },
  ],
};
const given = { state: 'given', since: noon - 30 * day } as const;
const asked = (over: Partial<PermissionAsked> = {}): PermissionAsked => ({
  ...{ class: 'marketing', channel: 'sms', rules, consent: given, suppression: null, sent: [] },
  ...{ now: noon, timeZone: null },
  ...over,
});
const kindOf = (over: Partial<PermissionAsked>) => {
  const answer = permissionOf(asked(over));
  return answer.kind === 'allowed' ? answer.basis : answer.reason;
};

describe('permission to send', () => {
  it('names the consent that it stands on', () => {
    expect(permissionOf(asked())).to.deep.equal({
      ...{ kind: 'allowed', basis: 'consent', since: noon - 30 * day },
    });
  });

  it('asks nobody for a password or a receipt, by day or night', () => {
    const withdrawn = { state: 'withdrawn', since: 0 } as const;
    const sent = [{ channel: 'sms', at: noon }] as const;
    for (const of of ['otp', 'transactional'] as const) {
      expect(kindOf({ class: of, consent: withdrawn, now: night, sent })).to.equal('class');
    }
  });

  it('lets service messages go until somebody objects, unless the programme asks first', () => {
    expect(kindOf({ class: 'service', consent: null })).to.equal('no-objection');
    const withdrawn = { state: 'withdrawn', since: noon } as const;
    expect(kindOf({ class: 'service', consent: withdrawn })).to.equal('consent-withdrawn');
    const strict = { ...rules, askFirst: { service: true, marketing: true } };
    expect(kindOf({ class: 'service', consent: null, rules: strict })).to.equal('no-consent');
  });

  it('needs consent for advertising, unless the programme does not ask first', () => {
    expect(kindOf({ consent: null })).to.equal('no-consent');
    const lenient = { ...rules, askFirst: { service: false, marketing: false } };
    expect(kindOf({ consent: null, rules: lenient })).to.equal('no-objection');
  });

  it('spares an address where nothing arrives in every class, one that complained in those that ask', () => {
    for (const of of messageClasses) {
      const dead = { reason: 'unreachable' } as const;
      expect(kindOf({ class: of, suppression: dead })).to.equal('address-suppressed');
      const complained = kindOf({ class: of, suppression: { reason: 'complained' } });
      expect(complained === 'address-suppressed').to.equal(classRules[of].obeysConsent);
    }
  });

  it('waits for the morning of the recipient, or of the programme where theirs is not known', () => {
    const held = permissionOf(asked({ now: night }));
    expect(held).to.include({ kind: 'hold', until: morning, reason: 'quiet-hours' });
    expect(kindOf({ now: night, timeZone: 'America/New_York' })).to.equal('consent');
    expect(permissionOf(asked({ now: night, timeZone: 'Mars/Olympus' }))).to.deep.equal(held);
  });

  it('waits until the window of the tightest cap lets it through', () => {
    const sent: Sent[] = [
      { channel: 'email', at: noon - 6 * day },
      { channel: 'push', at: noon - 5 * day },
      { channel: 'sms', at: noon - 2 * day },
    ];
    const held = permissionOf(asked({ sent }));
    expect(held).to.include({ kind: 'hold', until: noon + day, reason: 'frequency-cap' });
    expect(kindOf({ sent: sent.slice(1) })).to.equal('consent');
    const recent = [{ channel: 'sms', at: noon - day + 1 }] as const;
    expect(permissionOf(asked({ sent: recent }))).to.include({ until: noon + 1 });
    expect(kindOf({ sent: [{ channel: 'sms', at: noon - day }] })).to.equal('consent');
    expect(kindOf({ sent: recent, channel: 'email' })).to.equal('consent');
  });

  const anything = fc.record({
    class: fc.constantFrom(...messageClasses),
    channel: fc.constantFrom(...channels),
    rules: fc.record({
      quietHours: fc.constantFrom(null, rules.quietHours, { from: '12:00', to: '13:00' }),
      timeZone: fc.constantFrom('UTC', 'Europe/Riga'),
      caps: fc.array(
        fc.record({
          channel: fc.constantFrom(null, ...channels),
          perSeconds: fc.integer({ min: 60, max: 200_000 }),
          max: fc.integer({ min: 1, max: 3 }),
        }),
        { maxLength: 3 },
      ),
      askFirst: fc.record({ service: fc.boolean(), marketing: fc.boolean() }),
      defaultLocale: fc.constant('en'),
      laneCount: fc.constant(1),
    }),
    consent: fc.constantFrom(null, given, { state: 'withdrawn', since: noon } as const),
    suppression: fc.constantFrom(null, ...suppressionReasons.map((reason) => ({ reason }))),
    sent: fc.array(
      fc.record({
        channel: fc.constantFrom(...channels),
        at: fc.integer({ min: noon - 3 * day, max: noon }),
      }),
      { maxLength: 8 },
    ),
    now: fc.integer({ min: noon, max: noon + day }),
    timeZone: fc.constantFrom(null, 'Asia/Tokyo'),
  }) as fc.Arbitrary<PermissionAsked>;

  it('is given within a few holds, each later than the one before, or refused for good', () => {
    fc.assert(
      fc.property(anything, (question) => {
        let now = question.now;
        for (let round = 0; round < 12; round += 1) {
          const answer = permissionOf({ ...question, now });
          if (answer.kind !== 'hold') return;
          expect(answer.until).to.be.greaterThan(now);
          now = answer.until;
        }
        throw new Error('held again and again');
      }),
    );
  });

  it('never lets more through in any window than a cap says', () => {
    fc.assert(
      fc.property(anything, (question) => {
        const sent = [...question.sent];
        const answer = permissionOf({ ...question, sent });
        if (answer.kind !== 'allowed' || !classRules[question.class].isCapped) return;
        sent.push({ channel: question.channel, at: question.now });
        for (const cap of question.rules.caps) {
          if (cap.channel !== null && cap.channel !== question.channel) continue;
          const counted = sent.filter(
            ({ channel, at }) =>
              (cap.channel === null || cap.channel === channel) &&
              at > question.now - cap.perSeconds * 1_000,
          );
          expect(counted.length).to.be.at.most(cap.max);
        }
      }),
    );
  });
});
