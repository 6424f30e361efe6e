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
  const { needs = 1 } = question;
  for (const [providerId, carrier] of known) {
    health.set(providerId, carrier.health);
    // A one-time password goes by somebody else where all calls are taken; the rest waits, or the dearest would carry every peak.
    const isShut = isAway(carrier, at) || (isUrgent && freeOf(carrier, true) < 1);
    const isDry = !isShut && carrier.purse.isDry(needs, at, isUrgent);
    tokens.set(providerId, isShut || isDry ? 0 : Infinity);
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
      .map(({ purse }) => purse.nextAt(at, needs, isUrgent));
    return { ...found, until: soonOf(at, Math.min(...times)) };
  }
  if (found.kind === 'chosen') {
    const carrier = known.get(found.decision.chosen);
    if (carrier && freeOf(carrier, isUrgent) < 1)
      return waitingFor(found.decision, nobodyElse, 'busy', at);
    if (carrier && carrier.purse.available(at, isUrgent) < needs) {
      const until = soonOf(at, carrier.purse.nextAt(at, needs, isUrgent));
      return waitingFor(found.decision, couldAsWell, 'no-tokens', until);
    }
    if (carrier) countRouted(carrier);
    carrier?.purse.take(needs, at);
    if (carrier && found.isProbe) carrier.health = probed(carrier.health, at);
  }
  return found;
};

/** Until they have taken their slots, which they do before anything else happens. */
const countRouted = (carrier: Carrier): void => {
  if (carrier.routed === 0) queueMicrotask(() => (carrier.routed = 0));
  carrier.routed += 1;
};

const soonOf = (at: number, time: number): number =>
  Math.min(at + noTokensMs.most, Math.max(at + noTokensMs.least, time));

/** All calls that it may take at a time are taken: it waits for that one. */
const nobodyElse: ReadonlySet<string> = new Set();
/** Its tokens are on their way: it may turn out that there are none, and who could carry it as well does it then. */
const couldAsWell: ReadonlySet<string> = new Set([
  ...['weighed-less', 'dearer', 'later-in-order', 'failed-before', 'in-reserve'],
]);

/** Chosen, but not for this moment. @param others what is said of those that it waits for as well */
const waitingFor = (
  { rule, chosen, candidates }: RoutingDecision,
  others: ReadonlySet<string>,
  verdict: 'busy' | 'no-tokens',
  until: number,
): Extract<Route, { kind: 'none' }> => ({
  kind: 'none',
  reason: 'no-tokens',
  rule,
  until,
  candidates: candidates.map((one) =>
    one.providerId === chosen || others.has(one.verdict) ? { ...one, verdict } : one,
  ),
});
