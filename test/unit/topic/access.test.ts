import { expect } from 'chai';
import fc from 'fast-check';
import type { PartnerId } from '../../../domain/ids.js';
import {
  applyAccess,
  couldSee,
  grantAccess,
  type History,
  noAccess,
  revokeAccess,
  topicAccess,
  type TopicAccessEvent,
} from '../../../domain/topic/access.js';
import { specification } from '../registry/spec.js';

const given = specification(topicAccess);
const [bank, insurer] = ['bank', 'insurer'] as PartnerId[] as [PartnerId, PartnerId];
const granted = (partnerId: PartnerId, history: History): TopicAccessEvent => ({
  type: 'TopicAccessGranted',
  data: { partnerId, history },
});
const revoked = (partnerId: PartnerId): TopicAccessEvent => ({
  type: 'TopicAccessRevoked',
  data: { partnerId, reason: 'over' },
});

describe('access to a topic', () => {
  it('is granted once, and changed where it opens more or less', () => {
    const all = { partnerId: bank, history: 'all' } as const;
    given()
      .when((state) => grantAccess(all, state))
      .then(granted(bank, 'all'));
    given(granted(bank, 'all'))
      .when((state) => grantAccess(all, state))
      .thenNothing();
    given(granted(bank, 'sinceGrant'))
      .when((state) => grantAccess(all, state))
      .then(granted(bank, 'all'));
    given(granted(bank, 'all'), revoked(bank))
      .when((state) => grantAccess(all, state))
      .then(granted(bank, 'all'));
  });

  it('is revoked once, and only where there is any', () => {
    const command = { partnerId: bank, reason: 'over' };
    given(granted(bank, 'all'))
      .when((state) => revokeAccess(command, state))
      .then(revoked(bank));
    given(granted(bank, 'all'), revoked(bank))
      .when((state) => revokeAccess(command, state))
      .thenNothing();
    given(granted(insurer, 'all'))
      .when((state) => revokeAccess(command, state))
      .thenNothing();
  });

  it('has a limit', () => {
    const many = Array.from({ length: 1_000 }, (_, i) => granted(`p${i}` as PartnerId, 'all'));
    given(...many)
      .when((state) => grantAccess({ partnerId: bank, history: 'all' }, state))
      .thenRejected('too-many-grants');
  });

  it('tells who could see a publication at a time', () => {
    const access = (
      [
        [10, granted(bank, 'sinceGrant')],
        [20, granted(insurer, 'all')],
        [30, revoked(bank)],
        [40, granted(bank, 'sinceGrant')],
      ] as const
    ).reduce((before, [at, event]) => applyAccess(before, event, at), noAccess);
    const seen: readonly (readonly [publishedAt: number, at: number, by: PartnerId[]])[] = [
      [5, 15, []], // before the grant, which does not open it
      [5, 25, [insurer]],
      [10, 10, [bank]],
      [15, 25, [bank, insurer]],
      [15, 29, [bank, insurer]],
      [15, 30, [insurer]],
      [15, 45, [insurer]], // the second grant opens only what came after it
      [45, 50, [insurer, bank]],
    ];
    for (const [publishedAt, at, by] of seen) {
      expect(couldSee(access, publishedAt, at), `${publishedAt} at ${at}`).to.have.members(by);
    }
  });

  it('agrees with a rule told in other words, for every history', () => {
    const changes = fc.array(
      fc.record({
        partner: fc.constantFrom(bank, insurer),
        change: fc.constantFrom<'all' | 'sinceGrant' | 'revoke'>('all', 'sinceGrant', 'revoke'),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(changes, fc.nat(13), fc.nat(13), (made, publishedAt, at) => {
        const log: TopicAccessEvent[][] = [];
        let state = noAccess;
        for (const [time, { partner, change }] of made.entries()) {
          const decided =
            change === 'revoke'
              ? revokeAccess({ partnerId: partner, reason: '' }, state)
              : grantAccess({ partnerId: partner, history: change }, state);
          log.push(decided);
          for (const event of decided) state = applyAccess(state, event, time);
        }
        for (const partner of [bank, insurer]) {
          // Read the changes one by one: is it open at `at`, and from when on?
          let openSince: number | null = null;
          for (const [time, events] of log.entries()) {
            if (time > at) break;
            for (const event of events) {
              if (event.data.partnerId !== partner) continue;
              if (event.type === 'TopicAccessRevoked') openSince = null;
              else if (event.data.history === 'all') openSince = -Infinity;
              else openSince = openSince === null || openSince === -Infinity ? time : openSince;
            }
          }
          const expected = openSince !== null && openSince <= publishedAt;
          expect(couldSee(state, publishedAt, at).includes(partner)).to.equal(expected);
        }
      }),
    );
  });
});
