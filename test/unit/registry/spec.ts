/**
 * Specs of deciders that read aloud: given what was recorded, when this is decided, then these events or this rejection.
 */
import { expect } from 'chai';
import type { Aggregate, DomainEvent } from '../../../domain/event.js';
import { Rejected, type RejectionCode } from '../../../domain/rejected.js';

export const specification =
  <State, Event extends DomainEvent>(aggregate: Aggregate<State, Event>) =>
  (...past: Event[]) => ({
    when: (decide: (state: State) => Event[]) => {
      const state = past.reduce(
        (before, event, revision) =>
          aggregate.evolve(before, { ...event, revision, occurredAt: 0 }),
        aggregate.initial(),
      );
      return {
        then: (...events: Event[]) => expect(decide(state)).to.deep.equal(events),
        thenNothing: () => expect(decide(state)).to.deep.equal([]),
        thenRejected: (code: RejectionCode) => {
          const decided = () => decide(state);
          expect(decided).to.throw(Rejected).with.property('code', code);
        },
      };
    },
  });
