/** Facts with their types told apart, for projections: a switch over `type` knows the shape of `data`. */
import type { DomainEvent } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';

/** Distributes over the union of events. */
export type FactOf<Event extends DomainEvent> = Event extends DomainEvent
  ? Omit<Fact, 'type' | 'data'> & { readonly type: Event['type']; readonly data: Event['data'] }
  : never;

/** The codec has checked the data against the type's schema when it was recorded. */
export const typed = <Event extends DomainEvent>(fact: Fact): FactOf<Event> =>
  fact as unknown as FactOf<Event>;

/** The part of a stream's name after the tenant: the customer of an account, the till of its sales. */
export const ownerOf = (fact: Pick<Fact, 'stream'>): string =>
  fact.stream.slice(fact.stream.indexOf('.') + 1);

/** Business time, milliseconds since the epoch. */
export const occurredAtOf = (fact: Pick<Fact, 'metadata'>): number =>
  Date.parse(fact.metadata.occurredAt);
