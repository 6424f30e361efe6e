import { expect } from 'chai';
import {
  changeSubscription,
  createSubscription,
  disableSubscription,
  enableSubscription,
  endpointVerificationFailed,
  endpointVerified,
  endSubscription,
  pauseSubscription,
  resumeSubscription,
  rotateSecret,
} from '../../../domain/subscription/decide.js';
import type { SubscriptionEvent } from '../../../domain/subscription/events.js';
import { subscription, versionsInForce } from '../../../domain/subscription/subscription.js';
import { specification } from '../registry/spec.js';
import {
  byOperator,
  created,
  disabled,
  enabled,
  ended,
  paused,
  refused,
  resumed,
  terms,
  unasked,
  url,
  verified,
} from './orders.js';

const given = specification(subscription);
const hour = 3_600_000;

const statusAfter = (...past: SubscriptionEvent[]): string =>
  past.reduce(
    (state, event, revision) => subscription.evolve(state, { ...event, revision, occurredAt: 0 }),
    subscription.initial(),
  ).status;

const moved: SubscriptionEvent = {
  type: 'SubscriptionChanged',
  data: { endpoint: { url: 'https://bank.example/other' } },
};

describe('a subscription', () => {
  it('is created once under its id', () => {
    given()
      .when((state) => createSubscription(terms, state))
      .then(created);
    given(created)
      .when((state) => createSubscription(terms, state))
      .thenNothing();
    given(created)
      .when((state) => createSubscription({ ...terms, concurrency: 9 }, state))
      .thenRejected('already-registered');
    given(created, ended)
      .when((state) => createSubscription(terms, state))
      .thenRejected('already-registered');
  });

  it('is the same order however far the topic got and however it was sealed', () => {
    const sealed = { ...terms, sealedHeaders: 'one' };
    given({ type: 'SubscriptionCreated', data: sealed })
      .when((state) => {
        const later = { kind: 'now', after: 7 } as const;
        return createSubscription({ ...sealed, sealedHeaders: 'two', from: later }, state);
      })
      .thenNothing();
    given(created)
      .when((state) => createSubscription({ ...terms, from: { kind: 'place', after: 7 } }, state))
      .thenRejected('already-registered');
  });

  it('delivers once its endpoint agreed, or where it is not asked', () => {
    expect(statusAfter(created)).to.equal('unverified');
    expect(statusAfter(created, refused)).to.equal('unverified');
    expect(statusAfter(created, refused, verified)).to.equal('active');
    expect(statusAfter(unasked)).to.equal('active');
  });

  it('asks anew where it moved to, and nowhere else', () => {
    expect(statusAfter(created, verified, moved)).to.equal('unverified');
    expect(statusAfter(created, moved, verified)).to.equal('unverified');
    const slower: SubscriptionEvent = { type: 'SubscriptionChanged', data: { concurrency: 1 } };
    expect(statusAfter(created, verified, slower)).to.equal('active');
    given(created, moved)
      .when((state) => endpointVerified({ url, allowedRate: null }, state))
      .thenRejected('subscription-changed');
    given(created, moved)
      .when((state) => endpointVerificationFailed({ url, reason: 'no' }, state))
      .thenRejected('subscription-changed');
  });

  it('records that its endpoint agreed or not, and no news twice', () => {
    const agree = { url, allowedRate: null };
    given(created)
      .when((state) => endpointVerified(agree, state))
      .then(verified);
    given(created, verified)
      .when((state) => endpointVerified(agree, state))
      .thenNothing();
    given(created, verified)
      .when((state) => endpointVerified({ url, allowedRate: 60 }, state))
      .then({ type: 'EndpointVerified', data: { url, allowedRate: 60 } });
    given(created, verified, refused)
      .when((state) => endpointVerified(agree, state))
      .then(verified);
    given(created, refused)
      .when((state) => endpointVerificationFailed({ url, reason: 'It answered 404.' }, state))
      .thenNothing();
    given(created, refused)
      .when((state) => endpointVerificationFailed({ url, reason: 'It timed out.' }, state))
      .then({ type: 'EndpointVerificationFailed', data: { url, reason: 'It timed out.' } });
  });

  it('goes on when an endpoint that agreed fails a later question', () => {
    expect(statusAfter(created, verified, refused)).to.equal('active');
  });

  it('records what differs of a change, and nothing where nothing does', () => {
    given(created)
      .when((state) => changeSubscription({ concurrency: 8, mode: 'binary' }, state))
      .then({ type: 'SubscriptionChanged', data: { mode: 'binary' } });
    given(created)
      .when((state) => changeSubscription({ concurrency: 8, filter: null }, state))
      .thenNothing();
    given(created, ended)
      .when((state) => changeSubscription({ concurrency: 1 }, state))
      .thenRejected('subscription-ended');
    given()
      .when((state) => changeSubscription({ concurrency: 1 }, state))
      .thenRejected('subscription-not-found');
  });

  it('takes away what a change says null of', () => {
    const filter = { exact: { type: 'x' } };
    given({ type: 'SubscriptionCreated', data: { ...terms, filter } })
      .when((state) => changeSubscription({ filter: null }, state))
      .then({ type: 'SubscriptionChanged', data: { filter: null } });
    given(
      { type: 'SubscriptionCreated', data: { ...terms, filter } },
      { type: 'SubscriptionChanged', data: { filter: null } },
    )
      .when((state) => changeSubscription({ filter }, state))
      .then({ type: 'SubscriptionChanged', data: { filter } });
  });

  it('is paused and resumed, each once', () => {
    const reason = 'maintenance';
    given(created, verified)
      .when((state) => pauseSubscription({ reason }, state))
      .then(paused);
    given(created, paused)
      .when((state) => pauseSubscription({ reason: 'again' }, state))
      .thenNothing();
    given(created, paused).when(resumeSubscription).then(resumed);
    given(created).when(resumeSubscription).thenNothing();
    expect(statusAfter(created, verified, paused)).to.equal('paused');
    expect(statusAfter(created, verified, paused, resumed)).to.equal('active');
  });

  it('is disabled once, whatever comes late, and keeps its pause through it', () => {
    given(created, verified)
      .when((state) => disableSubscription(disabled.data, state))
      .then(disabled);
    for (const past of [
      [created, byOperator],
      [created, ended],
    ]) {
      given(...past)
        .when((state) => disableSubscription(disabled.data, state))
        .thenNothing();
    }
    expect(statusAfter(created, verified, paused, disabled)).to.equal('disabled');
    expect(statusAfter(created, verified, paused, disabled, enabled)).to.equal('paused');
  });

  it('is enabled by its partner, but not against an operator', () => {
    given(created, disabled)
      .when((state) => enableSubscription('partner', state))
      .then(enabled);
    given(created, byOperator)
      .when((state) => enableSubscription('partner', state))
      .thenRejected('disabled-by-operator');
    given(created, byOperator)
      .when((state) => enableSubscription('operator', state))
      .then(enabled);
    given(created)
      .when((state) => enableSubscription('partner', state))
      .thenNothing();
  });

  it('rotates its secret, the one before in force for a while', () => {
    const until = new Date(24 * hour).toISOString();
    const rotated: SubscriptionEvent = {
      type: 'SubscriptionSecretRotated',
      data: { version: 2, overlapUntil: until },
    };
    given(created)
      .when((state) => rotateSecret({ overlapMs: 24 * hour, now: 0 }, state))
      .then(rotated);
    given(created, rotated)
      .when((state) => rotateSecret({ overlapMs: 24 * hour, now: hour }, state))
      .thenRejected('secret-rotating');
    given(created, rotated)
      .when((state) => rotateSecret({ overlapMs: hour, now: 24 * hour }, state))
      .then({
        type: 'SubscriptionSecretRotated',
        data: { version: 3, overlapUntil: new Date(25 * hour).toISOString() },
      });
    const order = { secretVersion: 2, overlap: { version: 1, until: 24 * hour } };
    expect(versionsInForce(order, 24 * hour - 1)).to.deep.equal([2, 1]);
    expect(versionsInForce(order, 24 * hour)).to.deep.equal([2]);
  });

  it('lets a leaked secret end at once, also while it is being rotated', () => {
    const rotated: SubscriptionEvent = {
      type: 'SubscriptionSecretRotated',
      data: { version: 2, overlapUntil: new Date(24 * hour).toISOString() },
    };
    given(created, rotated)
      .when((state) => rotateSecret({ overlapMs: 0, now: hour }, state))
      .then({
        type: 'SubscriptionSecretRotated',
        data: { version: 3, overlapUntil: new Date(hour).toISOString() },
      });
    const order = { secretVersion: 3, overlap: { version: 2, until: hour } };
    expect(versionsInForce(order, hour)).to.deep.equal([3]);
  });

  it('ends once and for ever', () => {
    const reason = 'over';
    given(created)
      .when((state) => endSubscription({ reason }, state))
      .then(ended);
    given(created, ended)
      .when((state) => endSubscription({ reason }, state))
      .thenNothing();
    given()
      .when((state) => endSubscription({ reason }, state))
      .thenRejected('subscription-not-found');
    for (const decide of [resumeSubscription, (s: never) => pauseSubscription({ reason }, s)]) {
      given(created, ended)
        .when((state) => decide(state as never))
        .thenRejected('subscription-ended');
    }
  });
});
