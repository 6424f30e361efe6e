/**
 * From what happened to accounts to the tier each has and to who came and went by day. Pure.
 *
 * Which tier a customer leaves by closing the account is not in that event: it is looked up when the rows are written.
 */
import type { AccountEvent } from '../../domain/account/events.js';
import type { Fact, Position } from '../../domain/fact.js';
import { type FactOf, ownerOf, typed } from '../facts.js';

type Told = Extract<
  AccountEvent,
  {
    type:
      | 'CustomerEnrolled'
      | 'TierChanged'
      | 'TierKept'
      | 'TierGraceGranted'
      | 'TierReviewBroughtForward'
      | 'AccountClosed'
      | 'PersonErased';
  }
>;

export const eventTypes = [
  'CustomerEnrolled',
  'TierChanged',
  'TierKept',
  'TierGraceGranted',
  'TierReviewBroughtForward',
  'AccountClosed',
  'PersonErased',
] as const satisfies readonly Told['type'][];

interface Customer {
  readonly tenant: string;
  readonly userId: string;
  readonly position: Position;
}

/** A customer who joined (without a tier) or came to another one, by the last such fact of the batch. */
export interface TierTaken extends Customer {
  readonly tier: string | null;
  /** Milliseconds, as all times here. */
  readonly since: number;
  readonly reviewAt: number | null;
}

/** The same tier, to be looked at again at another time. */
export interface ReviewMoved extends Customer {
  readonly reviewAt: number | null;
}

export interface Leaving extends Customer {
  readonly day: number;
}

export interface TierDay {
  readonly tenant: string;
  /** Start of the day in UTC. */
  readonly day: number;
  /** Empty for no tier. */
  readonly tier: string;
  came: number;
  went: number;
}

export interface TierChanges {
  readonly taken: Map<string, TierTaken>;
  readonly reviews: Map<string, ReviewMoved>;
  readonly leaving: Map<string, Leaving>;
  readonly days: Map<string, TierDay>;
}

export const projectTiers = (facts: readonly Fact[]): TierChanges => {
  const changes: TierChanges = {
    taken: new Map(),
    reviews: new Map(),
    leaving: new Map(),
    days: new Map(),
  };
  for (const fact of facts) apply(changes, typed<Told>(fact));
  return changes;
};

const apply = ({ taken, reviews, leaving, days }: TierChanges, fact: FactOf<Told>): void => {
  const { stream, position, recordedAt } = fact;
  const { tenant } = fact.metadata;
  const customer = { tenant, userId: ownerOf(fact), position };
  const take = (tier: string | null, reviewAt: number | null): void => {
    dayOf(days, fact, tier).came += 1;
    taken.set(stream, { ...customer, tier, since: recordedAt, reviewAt });
    reviews.delete(stream);
  };
  switch (fact.type) {
    case 'CustomerEnrolled':
      take(null, null);
      return;
    case 'TierChanged':
      dayOf(days, fact, fact.data.from).went += 1;
      take(fact.data.to, fact.data.until);
      return;
    case 'TierKept':
    case 'TierGraceGranted':
    case 'TierReviewBroughtForward': {
      const reviewAt = fact.data.until;
      const now = taken.get(stream);
      if (now) taken.set(stream, { ...now, position, reviewAt });
      else reviews.set(stream, { ...customer, reviewAt });
      return;
    }
    case 'AccountClosed':
    case 'PersonErased':
      if (!leaving.has(stream)) leaving.set(stream, { ...customer, day: startOfDay(recordedAt) });
      return;
  }
};

const dayMs = 86_400_000;
const startOfDay = (at: number): number => Math.floor(at / dayMs) * dayMs;

const dayOf = (
  days: Map<string, TierDay>,
  { metadata: { tenant }, recordedAt }: FactOf<Told>,
  of: string | null,
): TierDay => {
  const tier = of ?? '';
  const start = startOfDay(recordedAt);
  const key = `${tenant}/${start}/${tier}`;
  let day = days.get(key);
  if (!day) days.set(key, (day = { tenant, day: start, tier, came: 0, went: 0 }));
  return day;
};
