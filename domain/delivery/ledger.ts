/**
 * What is still to do for a subscription, as its deliveries stream tells: a cursor in the topic, and the exceptions to it.
 *
 * Invariant: every place at or before the cursor, and every one in `ahead`, is accounted for: it was delivered or passed, or it is listed
 * as waiting for another attempt or as parked. Every other place is still to be handed over, and lies in the topic itself. So a dead
 * endpoint costs nothing, and nothing can vanish.
 *
 * The ledger is changed in place: it is folded some thousand times a second.
 */
import { unreachable } from '../event.js';
import type { ReplayId } from '../ids.js';
import type { Attempt, DeliveryEvent, ReplayTerms, Span } from './events.js';
import { failuresToOpen, probeDelayMs } from './schedule.js';
import * as spans from './spans.js';

export interface Waiting {
  readonly places: readonly number[];
  readonly ids: readonly string[];
  /** Attempts made so far. */
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  due: number;
  /** The receiver asked not to be called with it before. */
  readonly notBefore: number;
  /** manual: somebody asked for it, and it has one attempt. */
  readonly cause: 'retry' | 'manual';
  readonly lane: string | null;
}

export interface Parked {
  readonly places: readonly number[];
  readonly attempt: number;
  readonly at: number;
  readonly reason: 'attempts-used' | 'too-many' | 'manual-failed';
  readonly lane: string | null;
}

/** How the endpoint has done lately. Times in milliseconds since the epoch. */
export interface EndpointFigures {
  /** In a row, without a success between. */
  failures: number;
  failingSince: number | null;
  lastFailureAt: number | null;
  lastSuccessAt: number | null;
  lastError: string | null;
  /** It asked not to be called before. */
  quietUntil: number;
  probes: number;
  nextProbe: number;
}

export interface Replay {
  readonly terms: ReplayTerms;
  readonly requestedAt: number;
  status: 'running' | 'paused' | 'cancelled' | 'finished';
  /** Everything of it up to here was sent. */
  after: number;
  delivered: number;
  failed: number;
  passed: number;
}

/** An event before which none is needed. */
export interface Mark {
  readonly revision: number;
  /** When it was recorded, milliseconds since the epoch. */
  readonly at: number;
}

export interface Ledger {
  /** Of the last event in it; -1: none. */
  revision: number;
  /** Of the last event that held a whole ledger; -1: none. */
  carriedAt: number;
  /** Where the stream could begin, in order: its first event, and those that held a whole ledger, a day apart at least. */
  readonly marks: Mark[];
  cursor: number;
  readonly ahead: Span[];
  readonly waiting: Map<string, Waiting>;
  readonly parked: Map<string, Parked>;
  /** Places parked long ago: what the list above had no room for. */
  readonly parkedBefore: Span[];
  /** The last that somebody wanted no further attempt of: a repeat of the order is answered as the first was. */
  readonly skipped: Map<string, readonly number[]>;
  readonly endpoint: EndpointFigures;
  readonly counts: { attempts: number; delivered: number; passed: number };
  readonly replays: Map<ReplayId, Replay>;
}

export const parkedMax = 2_000;
export const replaysKept = 20;
const skippedKept = 50;

const newFigures = (): EndpointFigures => ({
  failures: 0,
  failingSince: null,
  lastFailureAt: null,
  lastSuccessAt: null,
  lastError: null,
  quietUntil: 0,
  probes: 0,
  nextProbe: 0,
});

/** @param after the place up to which the subscription wants nothing; -1: it wants everything. */
export const newLedger = (after: number): Ledger => ({
  revision: -1,
  carriedAt: -1,
  marks: [],
  cursor: after,
  ahead: [],
  waiting: new Map(),
  parked: new Map(),
  parkedBefore: [],
  skipped: new Map(),
  endpoint: newFigures(),
  counts: { attempts: 0, delivered: 0, passed: 0 },
  replays: new Map(),
});

/** The breaker: so many failures in a row, and the endpoint is only probed until it answers. */
export const isOpen = ({ endpoint }: Ledger): boolean => endpoint.failures >= failuresToOpen;

const markEveryMs = 86_400_000;

/** @param at when that event was recorded, milliseconds since the epoch. */
export const mark = ({ marks }: Ledger, revision: number, at: number): void => {
  const last = marks.at(-1);
  if (!last || at - last.at >= markEveryMs) marks.push({ revision, at });
};

export const isAccounted = (ledger: Ledger, place: number): boolean =>
  place <= ledger.cursor || spans.holds(ledger.ahead, place);

/** The first place from `from` on that is not accounted for. */
export const nextOpen = (ledger: Ledger, from: number): number => {
  const start = Math.max(from, ledger.cursor + 1);
  const span = ledger.ahead[spans.indexOf(ledger.ahead, start)];
  return span && span.first <= start ? span.last + 1 : start;
};

const account = (ledger: Ledger, first: number, last: number): void => {
  const { ahead } = ledger;
  if (last <= ledger.cursor) return;
  if (first > ledger.cursor + 1) return spans.add(ahead, first, last);
  ledger.cursor = last;
  let [next] = ahead;
  while (next && next.first <= ledger.cursor + 1) {
    ledger.cursor = Math.max(ledger.cursor, next.last);
    ahead.shift();
    [next] = ahead;
  }
};

const accountEach = (ledger: Ledger, places: readonly number[]): void => {
  for (const place of places) account(ledger, place, place);
};

/** Takes places out of those that are listed, one of several events as well: what is left with none is done. */
const strike = (
  ledger: Ledger,
  isGone: (place: number) => boolean,
  except: string | null = null,
): void => {
  for (const list of [ledger.waiting, ledger.parked] as Map<
    string,
    { places: readonly number[] }
  >[]) {
    for (const [id, entry] of list) {
      if (id === except) continue;
      const places = entry.places.filter((place) => !isGone(place));
      if (places.length === 0) list.delete(id);
      else if (places.length < entry.places.length) list.set(id, { ...entry, places });
    }
  }
};

/** In a replay events come in other batches than before: they are struck from those. */
const forget = (ledger: Ledger, { webhookId, places, cause }: Attempt): void => {
  ledger.waiting.delete(webhookId);
  ledger.parked.delete(webhookId);
  if (ledger.parkedBefore.length > 0) {
    for (const place of places) spans.take(ledger.parkedBefore, place, place);
  }
  if (places.length > 1 || cause === 'replay') strike(ledger, (place) => places.includes(place));
};

const park = (ledger: Ledger, webhookId: string, parked: Parked): void => {
  ledger.waiting.delete(webhookId);
  ledger.parked.set(webhookId, parked);
  // Without its lane it would block nothing any more: those that block stay in the list.
  if (ledger.parked.size <= parkedMax) return;
  for (const [oldest, { places, lane }] of ledger.parked) {
    if (lane !== null) continue;
    ledger.parked.delete(oldest);
    for (const place of places) spans.add(ledger.parkedBefore, place, place);
    return;
  }
};

/** Takes places that are handled under this id out of whatever else lists them. @returns the lane of what they were in. */
const bringUnder = (
  ledger: Ledger,
  webhookId: string,
  places: readonly number[],
): string | null => {
  let lane: string | null = null;
  for (const list of [ledger.waiting, ledger.parked]) {
    for (const [id, entry] of list) {
      if (id !== webhookId && places.some((place) => entry.places.includes(place))) {
        lane ??= entry.lane;
      }
    }
  }
  strike(ledger, (place) => places.includes(place), webhookId);
  if (ledger.parkedBefore.length > 0) {
    for (const place of places) spans.take(ledger.parkedBefore, place, place);
  }
  return lane;
};

const succeeded = (ledger: Ledger, at: number): void => {
  const wasOpen = isOpen(ledger);
  const { endpoint } = ledger;
  Object.assign(endpoint, { ...newFigures(), lastFailureAt: endpoint.lastFailureAt });
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

const applyAttempt = (ledger: Ledger, attempt: Attempt): void => {
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

/** Whether it waits for another attempt, or is parked. */
export const isListed = (ledger: Ledger, place: number): boolean => {
  for (const list of [ledger.waiting, ledger.parked]) {
    for (const { places } of list.values()) if (places.includes(place)) return true;
  }
  return spans.holds(ledger.parkedBefore, place);
};

/** Passed, skipped, or sent under another id while it was under way: what came of it does not list it again. */
const wasStruck = (ledger: Ledger, { webhookId, places, cause }: Attempt): boolean =>
  cause !== 'first' &&
  cause !== 'replay' &&
  !ledger.waiting.has(webhookId) &&
  !ledger.parked.has(webhookId) &&
  !places.some((place) => spans.holds(ledger.parkedBefore, place));

/** What is passed needs no attempt any more, also where it waited for one. */
const pass = (ledger: Ledger, first: number, last: number): void => {
  account(ledger, first, last);
  ledger.counts.passed += last - first + 1;
  if (ledger.parkedBefore.length > 0) spans.take(ledger.parkedBefore, first, last);
  strike(ledger, (place) => first <= place && place <= last);
};

const requeue = (
  ledger: Ledger,
  webhookId: string,
  places: readonly number[],
  at: number,
): void => {
  const waiting = ledger.waiting.get(webhookId);
  if (waiting) return void (waiting.due = Math.min(waiting.due, at));
  const parked = ledger.parked.get(webhookId);
  const lane = bringUnder(ledger, webhookId, places);
  ledger.waiting.set(webhookId, {
    places,
    ids: [],
    attempt: parked?.attempt ?? 0,
    due: at,
    notBefore: 0,
    cause: 'manual',
    lane: parked?.lane ?? lane,
  });
  ledger.parked.delete(webhookId);
};

/** An order that comes too late, after it arrived, changes nothing. */
const skip = (ledger: Ledger, webhookId: string, places: readonly number[]): void => {
  const listed = places.filter((place) => isListed(ledger, place));
  if (listed.length === 0) return;
  for (const place of listed) pass(ledger, place, place);
  ledger.skipped.set(webhookId, places);
  const [oldest] = ledger.skipped.keys();
  if (ledger.skipped.size > skippedKept && oldest !== undefined) ledger.skipped.delete(oldest);
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
      for (const attempt of event.data.attempts) applyAttempt(ledger, attempt);
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

/** As JSON, for a snapshot. */
export const jsonOfLedger = (ledger: Ledger): unknown => ({
  ...ledger,
  waiting: [...ledger.waiting],
  parked: [...ledger.parked],
  skipped: [...ledger.skipped],
  replays: [...ledger.replays],
});

type Pairs<Entries> = Entries extends Map<infer Key, infer Value> ? [Key, Value][] : never;

/** @param json of `jsonOfLedger`. */
export const ledgerOfJson = (json: unknown): Ledger => {
  const { waiting, parked, skipped, replays, ...rest } = structuredClone(json) as Ledger & {
    waiting: Pairs<Ledger['waiting']>;
    parked: Pairs<Ledger['parked']>;
    skipped?: Pairs<Ledger['skipped']>;
    replays: Pairs<Ledger['replays']>;
  };
  return {
    ...rest,
    carriedAt: rest.carriedAt ?? -1,
    marks: rest.marks ?? [],
    waiting: new Map(waiting),
    parked: new Map(parked),
    skipped: new Map(skipped),
    replays: new Map(replays),
  };
};
