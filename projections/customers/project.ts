/** From enrolments, cards and closings to customers and their cards. Pure. */
import type { AccountEvent } from '../../domain/account/events.js';
import type { Fact, Position } from '../../domain/fact.js';
import { type FactOf, occurredAtOf, ownerOf, typed } from '../facts.js';

type CustomerEvent = Extract<
  AccountEvent,
  {
    type:
      | 'CustomerEnrolled'
      | 'CardIssued'
      | 'CardBlocked'
      | 'CardReplaced'
      | 'AccountClosed'
      | 'PersonErased';
  }
>;

export const eventTypes = [
  'CustomerEnrolled',
  'CardIssued',
  'CardBlocked',
  'CardReplaced',
  'AccountClosed',
  'PersonErased',
] as const satisfies readonly CustomerEvent['type'][];

export interface Customer {
  readonly tenant: string;
  readonly userId: string;
  readonly person: string;
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
  readonly merchantId: number | null;
  readonly enrolledAt: number;
  readonly position: Position;
}

/** Each change is written after the enrolments, so it may be of a customer of the same batch. */
export interface Leaving {
  readonly tenant: string;
  readonly userId: string;
  readonly at: number;
}

export interface Card {
  readonly tenant: string;
  readonly cardNumber: string;
  readonly userId: string;
  readonly at: number;
  readonly position: Position;
}

export interface CardEnd {
  readonly tenant: string;
  readonly cardNumber: string;
  readonly userId: string;
  readonly status: 'blocked' | 'replaced';
  readonly replacedBy: string | null;
  readonly reason: string;
  readonly at: number;
}

export interface CustomerChanges {
  readonly enrolled: Customer[];
  readonly closed: Leaving[];
  readonly erased: Leaving[];
  readonly issued: Card[];
  /** The last of each card: a blocked card may be replaced in the same batch. */
  readonly ended: Map<string, CardEnd>;
}

export const projectCustomers = (facts: readonly Fact[]): CustomerChanges => {
  const changes: CustomerChanges = {
    enrolled: [],
    closed: [],
    erased: [],
    issued: [],
    ended: new Map(),
  };
  for (const fact of facts) apply(changes, typed<CustomerEvent>(fact));
  return changes;
};

const apply = (changes: CustomerChanges, fact: FactOf<CustomerEvent>): void => {
  const tenant = fact.metadata.tenant;
  const userId = ownerOf(fact);
  const at = occurredAtOf(fact);
  const { position } = fact;
  const issue = (cardNumber: string) =>
    changes.issued.push({ tenant, cardNumber, userId, at, position });
  const end = (card: Omit<CardEnd, 'tenant' | 'userId' | 'at'>) =>
    changes.ended.set(`${fact.stream}/${card.cardNumber}`, { tenant, userId, at, ...card });
  switch (fact.type) {
    case 'CustomerEnrolled':
      changes.enrolled.push({ tenant, enrolledAt: at, position, ...fact.data });
      return;
    case 'CardIssued':
      issue(fact.data.cardNumber);
      return;
    case 'CardBlocked':
      end({ ...fact.data, status: 'blocked', replacedBy: null });
      return;
    case 'CardReplaced': {
      const { cardNumber, replacement, reason } = fact.data;
      end({ cardNumber, status: 'replaced', replacedBy: replacement, reason });
      issue(replacement);
      return;
    }
    case 'AccountClosed':
      changes.closed.push({ tenant, userId, at });
      return;
    case 'PersonErased':
      changes.erased.push({ tenant, userId, at });
      return;
  }
};
