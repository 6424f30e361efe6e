/**
 * The history over the official client: pages of one stream, and bounded scans of $all backwards.
 *
 * Every read has a deadline and is cancelled when it is left early: leaving the loop alone would let the server go on sending.
 * Reads of $all backwards take `before` as the place to begin, and what lies at or after it is skipped, so it does not matter
 * whether a server counts the place itself in.
 */
import {
  BACKWARDS,
  END,
  type EventStoreDBClient,
  FORWARDS,
  START,
  type RecordedEvent,
} from '@eventstore/db-client';
import { type Direction, type History, matches } from '../../api/audit/history.js';
import type { Fact, Position } from '../../domain/fact.js';
import type { Codec } from './codec.js';
import { createDeadlines } from './deadlines.js';
import { collect, type Reading } from './reading.js';

export interface HistoryLimits {
  readonly readDeadlineMs: number;
  /** Events that one search looks at, and how long, before it answers with a cursor. */
  readonly scanMax: number;
  readonly scanBudgetMs: number;
}

export const historyLimits: HistoryLimits = {
  readDeadlineMs: 10_000,
  scanMax: 50_000,
  scanBudgetMs: 2_000,
};

/** Events of one request to the log. */
const chunk = 2_000;

export const createHistory = (
  client: EventStoreDBClient,
  codec: Codec,
  limits: HistoryLimits = historyLimits,
): History => {
  const deadlines = createDeadlines();
  const read = (reading: Reading, what: string) =>
    collect(reading, what, deadlines, limits.readDeadlineMs);
  const decode = (event: RecordedEvent): Fact => codec.decode(event, event.position?.commit ?? 0n);

  const stream: History['stream'] = async (name, { direction, from, limit }) => {
    const reading = client.readStream(name, {
      direction: direction === 'forwards' ? FORWARDS : BACKWARDS,
      fromRevision: from === null ? startOf(direction) : BigInt(from),
      // One more tells whether anything follows.
      maxCount: limit + 1,
    });
    const events = await read(reading, name);
    const next = events.length > limit ? Number(events[limit]?.revision) : null;
    return { facts: events.slice(0, limit).map(decode), next };
  };

  const search: History['search'] = async (filter, { before, limit }) => {
    const giveUpAt = performance.now() + limits.scanBudgetMs;
    const facts: Fact[] = [];
    let place = before;
    let scanned = 0;
    while (scanned < limits.scanMax && performance.now() < giveUpAt) {
      const reading = client.readAll({
        direction: BACKWARDS,
        fromPosition: place === null ? END : { commit: place, prepare: place },
        maxCount: chunk + 1,
      });
      const events = await read(reading, '$all');
      const earlier = events.filter((event) => isBefore(event, place));
      for (const event of earlier) {
        scanned += 1;
        place = event.position?.commit ?? place;
        if (filter.since !== undefined && event.created.getTime() < filter.since) {
          return { facts, next: null, scanned };
        }
        if (event.type.startsWith('$') || event.streamId.startsWith('$')) continue;
        const fact = decode(event);
        if (!matches(fact, filter)) continue;
        facts.push(fact);
        if (facts.length === limit) return { facts, next: fact.position, scanned };
      }
      if (earlier.length === 0) return { facts, next: null, scanned };
    }
    return { facts, next: place, scanned };
  };

  return { stream, search };
};

const startOf = (direction: Direction) => (direction === 'forwards' ? START : END);

const isBefore = (event: RecordedEvent, place: Position | null): boolean =>
  place === null || (event.position?.commit ?? 0n) < place;
