/**
 * What is accounted for and what is excepted from it: how places get into the lists of a ledger, and out of them.
 *
 * Invariant: a place is listed once, under what was sent with it last, however its batches were made up.
 */
import type { Attempt } from './events.js';
import { isListed, type Ledger, type Parked, parkedMax } from './ledger.js';
import * as spans from './spans.js';

const skippedKept = 50;

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

export const accountEach = (ledger: Ledger, places: readonly number[]): void => {
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
export const forget = (ledger: Ledger, { webhookId, places, cause }: Attempt): void => {
  ledger.waiting.delete(webhookId);
  ledger.parked.delete(webhookId);
  if (ledger.parkedBefore.length > 0) {
    for (const place of places) spans.take(ledger.parkedBefore, place, place);
  }
  if (places.length > 1 || cause === 'replay') strike(ledger, (place) => places.includes(place));
};

export const park = (ledger: Ledger, webhookId: string, parked: Parked): void => {
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
export const bringUnder = (
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

/** Passed, skipped, or sent under another id while it was under way: what came of it does not list it again. */
export const wasStruck = (ledger: Ledger, { webhookId, places, cause }: Attempt): boolean =>
  cause !== 'first' &&
  cause !== 'replay' &&
  !ledger.waiting.has(webhookId) &&
  !ledger.parked.has(webhookId) &&
  !places.some((place) => spans.holds(ledger.parkedBefore, place));

/** What is passed needs no attempt any more, also where it waited for one. */
export const pass = (ledger: Ledger, first: number, last: number): void => {
  account(ledger, first, last);
  ledger.counts.passed += last - first + 1;
  if (ledger.parkedBefore.length > 0) spans.take(ledger.parkedBefore, first, last);
  strike(ledger, (place) => first <= place && place <= last);
};

export const requeue = (
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
export const skip = (ledger: Ledger, webhookId: string, places: readonly number[]): void => {
  const listed = places.filter((place) => isListed(ledger, place));
  if (listed.length === 0) return;
  for (const place of listed) pass(ledger, place, place);
  ledger.skipped.set(webhookId, places);
  const [oldest] = ledger.skipped.keys();
  if (ledger.skipped.size > skippedKept && oldest !== undefined) ledger.skipped.delete(oldest);
};
