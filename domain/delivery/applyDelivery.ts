/** How a ledger follows from its events, one by one: the same from the log as where it was acted on before it was recorded. */
import { unreachable } from '../event.js';
import type { ReplayId } from '../ids.js';
import { inFull } from './attempts.js';
import type { Attempt, DeliveryEvent, ReplayTerms } from './events.js';
import {
  accountEach,
  bringUnder,
  forget,
  park,
  pass,
  requeue,
  skip,
  wasStruck,
} from './exceptions.js';
import {
  isAccounted,
  isOpen,
  type Ledger,
  ledgerOfJson,
  newFigures,
  type Replay,
  replaysKept,
} from './ledger.js';
import { probeDelayMs } from './schedule.js';

const succeeded = (ledger: Ledger, at: number): void => {
  const wasOpen = isOpen(ledger);
  const { endpoint } = ledger;
  // Without a failure since they began, they are as new.
  if (endpoint.failures > 0) {
    Object.assign(endpoint, newFigures(), { lastFailureAt: endpoint.lastFailureAt });
  }
  endpoint.lastSuccessAt = at;
  if (!wasOpen) return;
  // It is back: what waited for hours need not wait any longer.
  for (const waiting of ledger.waiting.values()) {
    waiting.due = Math.min(waiting.due, Math.max(at, waiting.notBefore));
  }
};

const failed = (ledger: Ledger, attempt: Attempt, at: number): void => {
  const { endpoint } = ledger;
  endpoint.failures += 1;
  endpoint.failingSince ??= at;
  endpoint.lastFailureAt = at;
  endpoint.lastError = attempt.error ? `${attempt.error.code}: ${attempt.error.text}` : null;
  endpoint.quietUntil = Math.max(endpoint.quietUntil, attempt.notBefore ?? 0);
  // What was under way when the breaker opened is no probe, and delays none.
  if (!isOpen(ledger) || attempt.startedAt < endpoint.nextProbe) return;
  endpoint.nextProbe = at + probeDelayMs(endpoint.probes);
  endpoint.probes += 1;
};

/** One of those that `DeliveriesAttempted` tells. */
export const applyAttempt = (ledger: Ledger, attempt: Attempt): void => {
  const { webhookId, places, outcome } = attempt;
  const at = attempt.startedAt + attempt.ms;
  ledger.counts.attempts += 1;
  accountEach(ledger, places);
  if (outcome === 'delivered') {
    forget(ledger, attempt);
    ledger.counts.delivered += places.length;
    return succeeded(ledger, at);
  }
  failed(ledger, attempt, at);
  if (wasStruck(ledger, attempt)) return;
  const { lane = null } = attempt;
  if (attempt.cause === 'replay') bringUnder(ledger, webhookId, places);
  // DeliveriesParked follows, and says why.
  const reason = 'attempts-used';
  if (outcome === 'failed')
    return park(ledger, webhookId, { places, attempt: attempt.attempt, at, reason, lane });
  ledger.parked.delete(webhookId);
  ledger.waiting.set(webhookId, {
    places,
    ids: attempt.ids,
    attempt: attempt.attempt,
    due: attempt.next ?? at,
    notBefore: attempt.notBefore ?? 0,
    cause: 'retry',
    lane,
  });
};

const openReplay = (ledger: Ledger, terms: ReplayTerms, at: number): void => {
  if (ledger.replays.has(terms.job)) return;
  const progress = { after: terms.from - 1, delivered: 0, failed: 0, passed: 0 };
  ledger.replays.set(terms.job, { terms, requestedAt: at, status: 'running', ...progress });
  for (const [job, { status }] of ledger.replays) {
    if (ledger.replays.size <= replaysKept) break;
    if (status === 'finished' || status === 'cancelled') ledger.replays.delete(job);
  }
};

const isUnderWay = ({ status }: Replay): boolean => status === 'running' || status === 'paused';

const amendReplay = (ledger: Ledger, job: ReplayId, change: Partial<Replay>): void => {
  const replay = ledger.replays.get(job);
  if (replay && isUnderWay(replay)) Object.assign(replay, change);
};

/** @param at when it was recorded, milliseconds since the epoch. */
export const applyDelivery = (ledger: Ledger, event: DeliveryEvent, at: number): void => {
  switch (event.type) {
    case 'DeliveriesAttempted':
      for (const attempt of inFull(event.data.attempts)) applyAttempt(ledger, attempt);
      return;
    case 'DeliveriesPassed':
      for (const { first, last } of event.data.ranges) pass(ledger, first, last);
      return;
    case 'DeliveriesParked': {
      const { webhookId, places, reason, lane = null } = event.data;
      const known = ledger.parked.get(webhookId) ?? ledger.waiting.get(webhookId);
      // Skipped after its last attempt, and before that was recorded.
      if (!known && places.every((place) => isAccounted(ledger, place))) return;
      const attempt = known?.attempt ?? 0;
      accountEach(ledger, places);
      return park(ledger, webhookId, { places, attempt, at, reason, lane });
    }
    case 'DeliveryRequeued':
      return requeue(ledger, event.data.webhookId, event.data.places, at);
    case 'DeliverySkipped':
      return skip(ledger, event.data.webhookId, event.data.places);
    case 'ReplayRequested':
      return openReplay(ledger, event.data, at);
    case 'ReplayPaused':
      return amendReplay(ledger, event.data.job, { status: 'paused' });
    case 'ReplayResumed':
      return amendReplay(ledger, event.data.job, { status: 'running' });
    case 'ReplayCancelled':
      return amendReplay(ledger, event.data.job, { status: 'cancelled' });
    case 'ReplayAdvanced': {
      const { job, ...progress } = event.data;
      return amendReplay(ledger, job, progress);
    }
    case 'ReplayFinished': {
      const { job, ...counts } = event.data;
      return amendReplay(ledger, job, { ...counts, status: 'finished' });
    }
    case 'DeliveriesStopped':
      return void Object.assign(ledger.endpoint, newFigures());
    case 'DeliveriesCarriedOver':
      return void Object.assign(ledger, ledgerOfJson(event.data.ledger), {
        revision: ledger.revision,
        carriedAt: ledger.revision + 1,
      });
    default:
      return unreachable(event);
  }
};
