/**
 * What speaks against a provider for this message, until when, and whether it would find out whether the provider is well again. Most
 * answers are always the same objects, since every message asks of every provider.
 */
import type { ProviderId } from '../ids.js';
import { type Health, readiness } from './health.js';
import type { RoutableProvider, RouteQuestion, Tried } from './question.js';

export interface Standing {
  readonly against: string | null;
  readonly until: number | null;
  readonly isProbe: boolean;
}
const able: Standing = { against: null, until: null, isProbe: false };
const ableToProbe: Standing = { against: null, until: null, isProbe: true };
const out = (against: string, until: number | null = null): Standing => ({
  against,
  until,
  isProbe: false,
});
const notRegistered = out('not-registered');
const cannotCarry = out('cannot-carry');
const disabled = out('disabled');
const accountRefused = out('account-refused');
const noTokens = out('no-tokens');

/** As long as the breaker that it opened, and twice as long each time: an account that is topped up carries again what it refused. */
const accountMs = 300_000;

const isAccountRefused = (
  tried: readonly Tried[],
  providerId: ProviderId,
  now: number,
): boolean => {
  let times = 0;
  let last = -Infinity;
  for (const one of tried) {
    if (one.providerId !== providerId || one.errorClass !== 'accountPermanent') continue;
    times += 1;
    last = one.at ?? now;
  }
  return times > 0 && now < last + accountMs * 2 ** (times - 1);
};

export const standingOf = (
  question: RouteQuestion,
  provider: RoutableProvider | undefined,
  health: Health,
): Standing => {
  const { tried, tokens, needs = 1, unusable, now } = question;
  if (!provider) return notRegistered;
  const { providerId } = provider;
  if (provider.channel !== question.channel || unusable?.has(providerId)) return cannotCarry;
  if (provider.status === 'disabled') return disabled;
  if (isAccountRefused(tried, providerId, now)) return accountRefused;
  const ready = readiness(health, now);
  if (ready.kind === 'open') return out('breaker-open', ready.until);
  if (ready.kind === 'probing') return out('breaker-probing', ready.until);
  if (ready.kind === 'throttled') return out('throttled', ready.until);
  // More than there is room for goes when there is as much as there ever is: the caller's bucket says so.
  if (tokens && (tokens.get(providerId) ?? Infinity) < needs) return noTokens;
  return ready.kind === 'probe' ? ableToProbe : able;
};
