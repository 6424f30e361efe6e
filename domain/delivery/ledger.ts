/**
 * What is still to do for a subscription, as its deliveries stream tells: a cursor in the topic, and the exceptions to it.
 *
 * Invariant: every place at or before the cursor, and every one in `ahead`, is accounted for: it was delivered or passed, or it is listed
 * as waiting for another attempt or as parked. Every other place is still to be handed over, and lies in the topic itself. So a dead
 * endpoint costs nothing, and nothing can vanish.
 *
 * The ledger is changed in place (applyDelivery.ts, exceptions.ts): it is folded some thousand times a second.
 */
import type { ReplayId } from '../ids.js';
import type { ReplayTerms, Span } from './events.js';
import { failuresToOpen } from './schedule.js';
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

export const newFigures = (): EndpointFigures => ({
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

/** Whether it waits for another attempt, or is parked. */
export const isListed = (ledger: Ledger, place: number): boolean => {
  for (const list of [ledger.waiting, ledger.parked]) {
    for (const { places } of list.values()) if (places.includes(place)) return true;
  }
  return spans.holds(ledger.parkedBefore, place);
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
