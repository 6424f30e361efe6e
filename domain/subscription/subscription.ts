/**
 * A subscription: a partner's standing order to have what a topic tells delivered to its endpoint. Invariant: it delivers only while
 * it is active, and it is active only where its endpoint, at the address that it has now, agreed to be called; what was ended stays
 * ended. Pausing is the partner's own; disabling is done to it, and says why.
 *
 * Four things are true of it independently (verified, paused, disabled, ended) and the status is the one that weighs most, so that
 * a pause outlives a disabling, and the other way round.
 */
import { type Aggregate, type Recorded, unreachable } from '../event.js';
import type { DisablingReason, SubscriptionEvent, SubscriptionTerms } from './events.js';

export type SubscriptionStatus = 'unverified' | 'active' | 'paused' | 'disabled' | 'ended';

/** Times are in milliseconds since the epoch. */
export interface StandingOrder {
  readonly status: SubscriptionStatus;
  /** As they are now, with every change. */
  readonly terms: SubscriptionTerms;
  readonly createdAt: number;
  /** Of the present address; null: it has not agreed yet. */
  readonly verified: { readonly at: number; readonly allowedRate: number | null } | null;
  /** The last that went wrong, of the present address; null once it agreed. */
  readonly refusal: { readonly at: number; readonly reason: string } | null;
  readonly paused: { readonly at: number; readonly reason: string } | null;
  readonly disabled: {
    readonly at: number;
    readonly reason: DisablingReason;
    readonly since: number;
    readonly explanation: string;
  } | null;
  readonly ended: { readonly at: number; readonly reason: string } | null;
  /** The newest, from 1. */
  readonly secretVersion: number;
  /** The version before, while it signs too. */
  readonly overlap: { readonly version: number; readonly until: number } | null;
}
export type Subscription = { readonly status: 'unknown' } | StandingOrder;

const statusOf = (order: StandingOrder): SubscriptionStatus => {
  if (order.ended) return 'ended';
  if (order.disabled) return 'disabled';
  if (order.paused) return 'paused';
  if (order.verified || order.terms.verification === 'none') return 'active';
  return 'unverified';
};

const settled = (order: StandingOrder): StandingOrder => ({ ...order, status: statusOf(order) });

const created = (terms: SubscriptionTerms, at: number): StandingOrder =>
  settled({
    status: 'unverified',
    terms,
    createdAt: at,
    verified: null,
    refusal: null,
    paused: null,
    disabled: null,
    ended: null,
    secretVersion: 1,
    overlap: null,
  });

/** Null takes away, absence leaves as it is. */
const changed = (
  order: StandingOrder,
  changes: Readonly<Record<string, unknown>>,
): StandingOrder => {
  const entries = Object.entries({ ...order.terms, ...changes });
  const terms = Object.fromEntries(
    entries.filter(([, value]) => value !== null),
  ) as SubscriptionTerms;
  const moved = terms.endpoint.url !== order.terms.endpoint.url;
  return { ...order, terms, ...(moved ? { verified: null, refusal: null } : {}) };
};

const withEvent = (order: StandingOrder, event: Recorded<SubscriptionEvent>): StandingOrder => {
  const { occurredAt: at } = event;
  switch (event.type) {
    case 'SubscriptionCreated':
      return order;
    case 'SubscriptionChanged':
      return changed(order, event.data);
    case 'SubscriptionPaused':
      return { ...order, paused: { at, reason: event.data.reason } };
    case 'SubscriptionResumed':
      return { ...order, paused: null };
    case 'SubscriptionDisabled':
      return { ...order, disabled: { ...event.data, at, since: Date.parse(event.data.since) } };
    case 'SubscriptionEnabled':
      return { ...order, disabled: null };
    case 'SubscriptionSecretRotated': {
      const { version, overlapUntil } = event.data;
      const overlap = { version: version - 1, until: Date.parse(overlapUntil) };
      return { ...order, secretVersion: version, overlap };
    }
    case 'EndpointVerified':
      if (event.data.url !== order.terms.endpoint.url) return order;
      return { ...order, verified: { at, allowedRate: event.data.allowedRate }, refusal: null };
    case 'EndpointVerificationFailed':
      if (event.data.url !== order.terms.endpoint.url) return order;
      return { ...order, refusal: { at, reason: event.data.reason } };
    case 'SubscriptionEnded':
      return { ...order, ended: { at, reason: event.data.reason } };
    default:
      return unreachable(event);
  }
};

export const subscription: Aggregate<Subscription, SubscriptionEvent> = {
  category: 'subscription',
  initial: () => ({ status: 'unknown' }),
  evolve: (state, event) => {
    if (event.type === 'SubscriptionCreated') return created(event.data, event.occurredAt);
    return state.status === 'unknown' ? state : settled(withEvent(state, event));
  },
};

/** Of its present secrets, newest first: while a rotation overlaps there are two. */
export const versionsInForce = (
  { secretVersion, overlap }: Pick<StandingOrder, 'secretVersion' | 'overlap'>,
  nowMs: number,
): readonly number[] =>
  overlap && nowMs < overlap.until ? [secretVersion, overlap.version] : [secretVersion];
