/** What a partner, an operator or the dispatcher may do with a subscription. A command that was carried out decides nothing. */
import type { EventOf } from '../event.js';
import { rejected } from '../rejected.js';
import { isSameData } from '../sameData.js';
import type {
  EndpointVerificationFailed,
  EndpointVerified,
  SubscriptionChanges,
  SubscriptionDisabled,
  SubscriptionEnded,
  SubscriptionEvent,
  SubscriptionPaused,
  SubscriptionTerms,
} from './events.js';
import type { StandingOrder, Subscription } from './subscription.js';

/** @throws Rejected subscription-not-found */
const known = (state: Subscription): StandingOrder => {
  if (state.status === 'unknown') throw rejected('subscription-not-found');
  return state;
};

/** @throws Rejected subscription-not-found, subscription-ended */
const standing = (state: Subscription): StandingOrder => {
  const order = known(state);
  if (order.ended) throw rejected('subscription-ended');
  return order;
};

/** Without what is made anew each time: the seal, and the place that is the last one now. */
const asked = ({ sealedHeaders, from, ...rest }: SubscriptionTerms) => ({
  ...rest,
  sealed: sealedHeaders !== undefined,
  from: from.kind === 'now' ? { kind: from.kind } : from,
});

export const createSubscription = (
  command: SubscriptionTerms,
  state: Subscription,
): SubscriptionEvent[] => {
  if (state.status === 'unknown') return [{ type: 'SubscriptionCreated', data: command }];
  const { terms, ended } = state;
  if (!ended && isSameData(asked(terms), asked(command))) return []; // already carried out
  throw rejected('already-registered', { subscriptionId: command.subscriptionId });
};

export const changeSubscription = (
  command: SubscriptionChanges,
  state: Subscription,
): SubscriptionEvent[] => {
  const { terms } = standing(state);
  const now: Readonly<Record<string, unknown>> = terms;
  const differing = Object.entries(command).filter(
    ([name, value]) => value !== undefined && !isSameData(now[name] ?? null, value),
  );
  if (differing.length === 0) return []; // already so
  const data = Object.fromEntries(differing) as SubscriptionChanges;
  return [{ type: 'SubscriptionChanged', data }];
};

export const pauseSubscription = (
  command: EventOf<typeof SubscriptionPaused>['data'],
  state: Subscription,
): SubscriptionEvent[] =>
  standing(state).paused ? [] : [{ type: 'SubscriptionPaused', data: command }];

export const resumeSubscription = (state: Subscription): SubscriptionEvent[] =>
  standing(state).paused ? [{ type: 'SubscriptionResumed', data: {} }] : [];

/** Also by what the dispatcher saw, which may be late: what is disabled or ended stays what it is. */
export const disableSubscription = (
  command: EventOf<typeof SubscriptionDisabled>['data'],
  state: Subscription,
): SubscriptionEvent[] => {
  const { disabled, ended } = known(state);
  return disabled || ended ? [] : [{ type: 'SubscriptionDisabled', data: command }];
};

/** Whoever was disabled for its endpoint or its access may come back by itself; what an operator did, an operator takes back. */
export const enableSubscription = (
  by: 'partner' | 'operator',
  state: Subscription,
): SubscriptionEvent[] => {
  const { disabled } = standing(state);
  if (!disabled) return [];
  if (by === 'partner' && disabled.reason === 'operator') {
    throw rejected('disabled-by-operator', { explanation: disabled.explanation });
  }
  return [{ type: 'SubscriptionEnabled', data: {} }];
};

/**
 * @param overlapMs how long the secret of now signs beside the new one; 0: it ends at once, as after a leak.
 * @param now milliseconds since the epoch.
 */
export const rotateSecret = (
  { overlapMs, now }: { readonly overlapMs: number; readonly now: number },
  state: Subscription,
): SubscriptionEvent[] => {
  const { secretVersion, overlap } = standing(state);
  // A third would end the one that receivers may still be working with.
  if (overlapMs > 0 && overlap && now < overlap.until) {
    throw rejected('secret-rotating', { until: new Date(overlap.until).toISOString() });
  }
  const overlapUntil = new Date(now + overlapMs).toISOString();
  const data = { version: secretVersion + 1, overlapUntil };
  return [{ type: 'SubscriptionSecretRotated', data }];
};

/** What was asked of an address that it has no more says nothing about it. @throws Rejected subscription-changed */
const asAsked = (url: string, state: Subscription): StandingOrder => {
  const order = standing(state);
  if (order.terms.endpoint.url !== url) throw rejected('subscription-changed', { url });
  return order;
};

export const endpointVerified = (
  command: EventOf<typeof EndpointVerified>['data'],
  state: Subscription,
): SubscriptionEvent[] => {
  const { verified, refusal } = asAsked(command.url, state);
  if (verified && !refusal && verified.allowedRate === command.allowedRate) return [];
  return [{ type: 'EndpointVerified', data: command }];
};

/** An endpoint that agreed before is not believed to have changed its mind by one failure; the same refusal again is no news. */
export const endpointVerificationFailed = (
  command: EventOf<typeof EndpointVerificationFailed>['data'],
  state: Subscription,
): SubscriptionEvent[] => {
  const { refusal } = asAsked(command.url, state);
  if (refusal?.reason === command.reason) return [];
  return [{ type: 'EndpointVerificationFailed', data: command }];
};

export const endSubscription = (
  command: EventOf<typeof SubscriptionEnded>['data'],
  state: Subscription,
): SubscriptionEvent[] =>
  known(state).ended ? [] : [{ type: 'SubscriptionEnded', data: command }];
