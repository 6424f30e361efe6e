/** Whatever is asked of a subscription, in whatever order. */
import { expect } from 'chai';
import fc from 'fast-check';
import * as decide from '../../../domain/subscription/decide.js';
import type { SubscriptionEvent } from '../../../domain/subscription/events.js';
import {
  type StandingOrder,
  type Subscription,
  subscription,
} from '../../../domain/subscription/subscription.js';
import { Rejected } from '../../../domain/rejected.js';
import { disabled, terms } from './orders.js';

type Command = (state: Subscription, now: number) => SubscriptionEvent[];

const urls = ['https://a.example/', 'https://b.example/'] as const;
const anyUrl = fc.constantFrom(...urls);
const anyFlag = fc.constantFrom('partner' as const, 'operator' as const);
const anyReason = fc.constantFrom('gone' as const, 'failing' as const, 'operator' as const);

const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.constantFrom('handshake' as const, 'none' as const).map((verification): Command => {
    const order = { ...terms, verification, endpoint: { url: urls[0] } };
    return (state) => decide.createSubscription(order, state);
  }),
  fc.tuple(anyUrl, fc.constantFrom(1, 2, null)).map(([url, ratePerSecond]): Command => {
    return (state) => decide.changeSubscription({ endpoint: { url }, ratePerSecond }, state);
  }),
  fc.constant<Command>((state) => decide.pauseSubscription({ reason: 'x' }, state)),
  fc.constant<Command>((state) => decide.resumeSubscription(state)),
  anyReason.map((reason): Command => {
    return (state) => decide.disableSubscription({ ...disabled.data, reason }, state);
  }),
  anyFlag.map(
    (by): Command =>
      (state) =>
        decide.enableSubscription(by, state),
  ),
  fc.constantFrom(0, 1_000, 100_000).map((overlapMs): Command => {
    return (state, now) => decide.rotateSecret({ overlapMs, now }, state);
  }),
  fc.tuple(anyUrl, fc.constantFrom(5, null)).map(([url, allowedRate]): Command => {
    return (state) => decide.endpointVerified({ url, allowedRate }, state);
  }),
  fc.tuple(anyUrl, fc.constantFrom('a', 'b')).map(([url, reason]): Command => {
    return (state) => decide.endpointVerificationFailed({ url, reason }, state);
  }),
  fc.constantFrom(true, false, false, false).map((really): Command => {
    return (state) => (really ? decide.endSubscription({ reason: 'x' }, state) : []);
  }),
);

const attempt = (command: Command, state: Subscription, now: number): SubscriptionEvent[] => {
  try {
    return command(state, now);
  } catch (error) {
    if (error instanceof Rejected) return [];
    throw error;
  }
};

const evolve = (state: Subscription, events: readonly SubscriptionEvent[], now: number) =>
  events.reduce(
    (before, event) => subscription.evolve(before, { ...event, revision: 0, occurredAt: now }),
    state,
  );

const mayDeliver = ({ terms: { verification }, ...order }: StandingOrder): boolean =>
  !order.ended &&
  !order.disabled &&
  !order.paused &&
  (order.verified !== null || verification === 'none');

const assertSound = (before: Subscription, after: Subscription, agreed: Set<string>): void => {
  if (after.status === 'unknown') return;
  const order = after;
  expect(order.status === 'active').to.equal(mayDeliver(order));
  if (order.verified) expect(agreed.has(order.terms.endpoint.url)).to.equal(true);
  expect(Object.values(order.terms)).to.not.include(null);
  if (before.status === 'unknown') return;
  const past = before;
  if (past.ended) expect(after).to.deep.equal(before);
  expect(order.secretVersion - past.secretVersion).to.be.oneOf([0, 1]);
  expect(order.terms.from).to.deep.equal(past.terms.from);
};

describe('the life of a subscription', () => {
  it('keeps its invariants, and repeats nothing that was carried out', () => {
    fc.assert(
      fc.property(fc.array(commands, { maxLength: 40 }), (asked) => {
        let state = subscription.initial();
        const agreed = new Set<string>();
        for (const [i, command] of asked.entries()) {
          const now = i * 400;
          const events = attempt(command, state, now);
          for (const { type, data } of events) {
            if (type === 'EndpointVerified') agreed.add(data.url);
          }
          const after = evolve(state, events, now);
          assertSound(state, after, agreed);
          const isRotation = events.some(({ type }) => type === 'SubscriptionSecretRotated');
          // Rotating twice is a wish of its own; keys tell repeats of it apart.
          if (!isRotation) expect(attempt(command, after, now)).to.deep.equal([]);
          state = after;
        }
      }),
      { numRuns: 300 },
    );
  });
});
