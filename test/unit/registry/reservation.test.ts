import { card, claimCard, lapseCard, releaseCard, reserveCard } from '../../../domain/card/card.js';
import {
  claimContact,
  contact,
  lapseContact,
  releaseContact,
  reserveContact,
} from '../../../domain/contact/contact.js';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Aggregate, DomainEvent } from '../../../domain/event.js';
import type { RejectionCode } from '../../../domain/rejected.js';
import { specification } from './spec.js';

/** Card numbers and contacts obey the same rules: one specification runs over both. */
interface Reservable {
  readonly noun: string;
  readonly prefix: 'Card' | 'Contact';
  readonly aggregate: Aggregate<{ status: string; userId?: string }, DomainEvent>;
  readonly key: object;
  readonly taken: RejectionCode;
  readonly reserve: Decider;
  readonly claim: Decider;
  readonly release: Decider;
  readonly lapse: Decider;
}
type Decider = (command: object, state: unknown) => DomainEvent[];

const reservables = [
  {
    noun: 'card number',
    prefix: 'Card',
    aggregate: card,
    key: { cardNumber: '2200000000017' },
    taken: 'card-taken',
    reserve: reserveCard,
    claim: claimCard,
    release: releaseCard,
    lapse: lapseCard,
  },
  {
    noun: 'contact',
    prefix: 'Contact',
    aggregate: contact,
    key: { kind: 'phone', hash: 'd'.repeat(64) },
    taken: 'contact-taken',
    reserve: reserveContact,
    claim: claimContact,
    release: releaseContact,
    lapse: lapseContact,
  },
] as unknown as Reservable[];

const ann = '8018000010000000000000013';
const bob = '8018000010000000000000020';

for (const subject of reservables) {
  const { noun, prefix, aggregate, key, taken } = subject;
  const given = specification(aggregate);
  const reservedBy = (userId: string, until = 1_000) => ({
    type: `${prefix}Reserved`,
    data: { ...key, userId, until },
  });
  const claimedBy = (userId: string) => ({ type: `${prefix}Claimed`, data: { userId } });
  const releasedBy = (userId: string, reason = 'why') => ({
    type: `${prefix}Released`,
    data: { userId, reason },
  });
  const reserve = (userId: string, now: number) => (state: unknown) =>
    subject.reserve({ ...key, userId, until: now + 600, now }, state);
  const claim = (userId: string) => (state: unknown) => subject.claim({ userId }, state);
  const release = (userId: string) => (state: unknown) =>
    subject.release({ userId, reason: 'why' }, state);
  const lapse = (userId: string, until: number) => (state: unknown) =>
    subject.lapse({ userId, until, reason: 'why' }, state);

  describe(`a ${noun}`, () => {
    it('is reserved for one customer', () => {
      given().when(reserve(ann, 400)).then(reservedBy(ann));
      given(reservedBy(ann)).when(reserve(ann, 400)).thenNothing();
    });

    it('is prolonged for the same customer', () => {
      given(reservedBy(ann)).when(reserve(ann, 500)).then(reservedBy(ann, 1_100));
    });

    it('is refused to another while it is reserved', () => {
      given(reservedBy(ann)).when(reserve(bob, 999)).thenRejected(taken);
    });

    it('may be taken over once the reservation has expired', () => {
      given(reservedBy(ann)).when(reserve(bob, 1_000)).then(reservedBy(bob, 1_600));
    });

    it('has an expired reservation renewed by the same customer', () => {
      given(reservedBy(ann)).when(reserve(ann, 1_000)).then(reservedBy(ann, 1_600));
    });

    it('is refused to another for good once it is claimed', () => {
      given(reservedBy(ann), claimedBy(ann)).when(reserve(bob, 9_999)).thenRejected(taken);
      given(reservedBy(ann), claimedBy(ann)).when(claim(bob)).thenRejected(taken);
    });

    it('is claimed once', () => {
      given(reservedBy(ann)).when(claim(ann)).then(claimedBy(ann));
      given(reservedBy(ann), claimedBy(ann)).when(claim(ann)).thenNothing();
      given(reservedBy(ann), claimedBy(ann)).when(reserve(ann, 9_999)).thenNothing();
    });

    it('is not claimed by one for whom it is not reserved', () => {
      given(reservedBy(ann)).when(claim(bob)).thenRejected(taken);
    });

    it('is claimed even if the reservation was released meanwhile', () => {
      given(reservedBy(ann), releasedBy(ann)).when(claim(ann)).then(claimedBy(ann));
    });

    it('is released by its customer alone, once', () => {
      given(reservedBy(ann), claimedBy(ann)).when(release(ann)).then(releasedBy(ann));
      given(reservedBy(ann), claimedBy(ann)).when(release(bob)).thenNothing();
      given(reservedBy(ann), claimedBy(ann), releasedBy(ann)).when(release(ann)).thenNothing();
    });

    it('is free for another after its release', () => {
      given(reservedBy(ann), claimedBy(ann), releasedBy(ann))
        .when(reserve(bob, 5_000))
        .then(reservedBy(bob, 5_600));
    });

    it('lapses only if it is still reserved as it was', () => {
      given(reservedBy(ann)).when(lapse(ann, 1_000)).then(releasedBy(ann));
      given(reservedBy(ann), reservedBy(ann, 1_100)).when(lapse(ann, 1_000)).thenNothing();
      given(reservedBy(bob)).when(lapse(ann, 1_000)).thenNothing();
      given(reservedBy(ann), claimedBy(ann)).when(lapse(ann, 1_000)).thenNothing();
      given().when(lapse(ann, 1_000)).thenNothing();
    });

    it('never changes hands without a release or a lapse, whatever is asked in what order', () => {
      const ask = fc.record({
        what: fc.constantFrom('reserve', 'claim', 'release', 'lapse'),
        userId: fc.constantFrom(ann, bob),
        wait: fc.integer({ min: 0, max: 700 }),
      });
      fc.assert(
        fc.property(fc.array(ask, { maxLength: 30 }), (asks) => {
          let now = 0;
          let state = aggregate.initial();
          for (const { what, userId, wait } of asks) {
            now += wait;
            const decide = { reserve: reserve(userId, now), claim: claim(userId) }[what as 'claim'];
            const other = what === 'release' ? release(userId) : lapse(userId, now + 600);
            const before = state;
            for (const event of decided(decide ?? other, state)) {
              state = aggregate.evolve(state, { ...event, revision: 0, occurredAt: now });
            }
            if (before.status === 'claimed' && state.userId !== before.userId) {
              expect([what, userId]).to.deep.equal(['release', before.userId]);
            }
            expect(decided(decide ?? other, state), 'repeated').to.deep.equal([]);
          }
        }),
      );
    });
  });
}

/** A rejection decides nothing. */
const decided = (decide: (state: unknown) => DomainEvent[], state: unknown): DomainEvent[] => {
  try {
    return decide(state);
  } catch {
    return [];
  }
};
