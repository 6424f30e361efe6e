/**
 * Chooses who carries a message, by the programme's rules and by what is known here of its providers, and takes the tokens that it needs.
 *
 * Invariant: whoever is chosen takes its slot in the same turn of the event loop. Nothing may be awaited between `choose` and
 * `CarrierPool.slot`: what was given to a provider and has no slot yet is counted for that long only.
 */
import type { Carriers } from '../../commands/carriers.js';
import type { ProviderId, TenantId } from '../../domain/ids.js';
import type { RoutingDecision } from '../../domain/message/events.js';
import { type Health, probed } from '../../domain/routing/health.js';
import { type Route, route, type RouteQuestion } from '../../domain/routing/route.js';
import { type Carrier, isAway, isOut } from './opening.js';
import { freeOf } from './room.js';

export type CarrierQuestion = Omit<
  RouteQuestion,
  'rules' | 'providers' | 'health' | 'tokens' | 'unusable' | 'now'
>;

export interface ChoosingOf {
  readonly tenant: TenantId;
  readonly carriers: Pick<Carriers, 'routing' | 'providers'>;
  /** All of the tenant. */
  readonly known: ReadonlyMap<ProviderId, Carrier>;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A message waits until the tokens that it needs are back, but never without a pause. */
const noTokensMs = { least: 5, most: 200 } as const;

export const choose = (
  { tenant, carriers, known, at }: ChoosingOf,
  question: CarrierQuestion,
): Route => {
  const health = new Map<ProviderId, Health>();
  const tokens = new Map<ProviderId, number>();
  const unusable = new Set<ProviderId>();
  const isUrgent = question.class === 'otp';
  for (const [providerId, carrier] of known) {
    health.set(providerId, carrier.health);
    // A one-time password goes by somebody else where all calls are taken; the rest waits, or the dearest would carry every peak.
    const isShut = isAway(carrier, at) || (isUrgent && freeOf(carrier, true) < 1);
    tokens.set(providerId, isShut ? 0 : carrier.bucket.most(at));
    if (isOut(carrier)) unusable.add(providerId);
  }
  const found = route({
    health,
    tokens,
    unusable,
    now: at,
    rules: carriers.routing(tenant),
    providers: carriers.providers(tenant),
    ...question,
  });
  if (found.kind === 'none' && found.reason === 'no-tokens') {
    const times = found.candidates
      .filter(({ verdict }) => verdict === 'no-tokens')
      .flatMap(({ providerId }) => known.get(providerId) ?? [])
      .map(({ bucket }) => bucket.nextAt(at, question.needs));
    const soonest = Math.max(at + noTokensMs.least, Math.min(...times));
    return { ...found, until: Math.min(at + noTokensMs.most, soonest) };
  }
  if (found.kind === 'chosen') {
    const carrier = known.get(found.decision.chosen);
    if (carrier && freeOf(carrier, isUrgent) < 1) return busyOf(found.decision, at);
    if (carrier) countRouted(carrier);
    carrier?.bucket.take(question.needs ?? 1, at);
    if (carrier && found.isProbe) carrier.health = probed(carrier.health, at);
  }
  return found;
};

/** Until they have taken their slots, which they do before anything else happens. */
const countRouted = (carrier: Carrier): void => {
  if (carrier.routed === 0) queueMicrotask(() => (carrier.routed = 0));
  carrier.routed += 1;
};

/** All calls that it may take at a time are taken. */
const busyOf = (
  { rule, chosen, candidates }: RoutingDecision,
  at: number,
): Extract<Route, { kind: 'none' }> => ({
  kind: 'none',
  reason: 'no-tokens',
  rule,
  until: at,
  candidates: candidates.map((one) =>
    one.providerId === chosen ? { ...one, verdict: 'busy' } : one,
  ),
});
