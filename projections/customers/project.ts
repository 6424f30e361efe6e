/** From enrolments, households, cards and closings to customers and their cards. Pure. */
import type { AccountEvent } from '../../domain/account/events.js';
import type { Fact, Position } from '../../domain/fact.js';
import { type FactOf, occurredAtOf, ownerOf, typed } from '../facts.js';

export const eventTypes = [
  'CustomerEnrolled',
  'CardIssued',
  'CardBlocked',
  'CardReplaced',
  'CardHandedOver',
  'MemberAdded',
  'LanguageChosen',
  'PersonChanged',
  'MemberRemoved',
  'MemberErased',
  'HeadAppointed',
  'RedeemersNamed',
  'AccountClosed',
  'PersonErased',
] as const satisfies readonly AccountEvent['type'][];
type CustomerEvent = Extract<AccountEvent, { type: (typeof eventTypes)[number] }>;

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
  /** Null where one person was ever on the account. */
  readonly memberId: number | null;
}

export interface CardOwner {
  readonly tenant: string;
  readonly userId: string;
  readonly cardNumber: string;
  readonly memberId: number;
  readonly at: number;
}

export interface Member {
  readonly tenant: string;
  readonly userId: string;
  readonly memberId: number;
  readonly person: string;
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
  readonly merchantId: number | null;
  readonly at: number;
}

export interface PersonTold {
  readonly tenant: string;
  readonly userId: string;
  readonly memberId: number;
  readonly person: string;
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
}

export interface Language {
  readonly tenant: string;
  readonly userId: string;
  /** BCP 47; null: none is preferred any more. */
  readonly language: string | null;
}

export interface MemberLeaving extends Leaving {
  readonly memberId: number;
}

export interface Head {
  readonly tenant: string;
  readonly userId: string;
  readonly memberId: number;
}

export interface Redeemers {
  readonly tenant: string;
  readonly userId: string;
  /** Members as JSON; null: everybody. */
  readonly redeemers: string | null;
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
  /** The last of each customer. */
  readonly languages: Map<string, Language>;
  /** From here to `removed` nothing where every account is of one person. The last of each card. */
  readonly handedOver: Map<string, CardOwner>;
  readonly added: Member[];
  /** The last of each person. */
  readonly told: Map<string, PersonTold>;
  readonly removed: MemberLeaving[];
  readonly membersErased: MemberLeaving[];
  /** The last of each account. */
  readonly heads: Map<string, Head>;
  readonly redeemers: Map<string, Redeemers>;
}

export const projectCustomers = (facts: readonly Fact[]): CustomerChanges => {
  const changes: CustomerChanges = {
    enrolled: [],
    closed: [],
    erased: [],
    issued: [],
    ended: new Map(),
    languages: new Map(),
    handedOver: new Map(),
    added: [],
    told: new Map(),
    removed: [],
    membersErased: [],
    heads: new Map(),
    redeemers: new Map(),
  };
  for (const fact of facts) apply(changes, typed<CustomerEvent>(fact));
  return changes;
};

const apply = (changes: CustomerChanges, fact: FactOf<CustomerEvent>): void => {
  const tenant = fact.metadata.tenant;
  const userId = ownerOf(fact);
  const at = occurredAtOf(fact);
  const { position } = fact;
  const issue = (cardNumber: string, memberId: number | null = null) =>
    changes.issued.push({ tenant, cardNumber, userId, at, position, memberId });
  const end = (card: Omit<CardEnd, 'tenant' | 'userId' | 'at'>) =>
    changes.ended.set(`${fact.stream}/${card.cardNumber}`, { tenant, userId, at, ...card });
  switch (fact.type) {
    case 'CustomerEnrolled':
      changes.enrolled.push({ tenant, enrolledAt: at, position, ...fact.data });
      return;
    case 'CardIssued':
      issue(fact.data.cardNumber, fact.data.memberId);
      return;
    case 'CardBlocked':
      end({ ...fact.data, status: 'blocked', replacedBy: null });
      return;
    case 'CardReplaced': {
      const { cardNumber, replacement, reason, memberId } = fact.data;
      end({ cardNumber, status: 'replaced', replacedBy: replacement, reason });
      issue(replacement, memberId);
      return;
    }
    case 'CardHandedOver': {
      const { cardNumber, memberId } = fact.data;
      const owner = { tenant, userId, cardNumber, memberId, at };
      changes.handedOver.set(`${fact.stream}/${cardNumber}`, owner);
      return;
    }
    case 'MemberAdded':
      changes.added.push({ tenant, userId, at, ...fact.data });
      return;
    case 'LanguageChosen':
      changes.languages.set(fact.stream, { tenant, userId, language: fact.data.language });
      return;
    case 'PersonChanged': {
      const { memberId = 1, person, phoneHash, emailHash } = fact.data;
      const told = { tenant, userId, memberId, person, phoneHash, emailHash };
      changes.told.set(`${fact.stream}/${memberId}`, told);
      return;
    }
    case 'MemberRemoved':
      changes.removed.push({ tenant, userId, memberId: fact.data.memberId, at });
      return;
    case 'MemberErased':
      changes.membersErased.push({ tenant, userId, memberId: fact.data.memberId, at });
      return;
    case 'HeadAppointed':
      changes.heads.set(fact.stream, { tenant, userId, memberId: fact.data.memberId });
      return;
    case 'RedeemersNamed': {
      const { redeemers } = fact.data;
      const named = redeemers && JSON.stringify(redeemers);
      changes.redeemers.set(fact.stream, { tenant, userId, redeemers: named });
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
