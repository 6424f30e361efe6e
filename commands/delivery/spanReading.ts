/** What lies between two places of a topic: where a time begins, and how many of them a subscription would be sent. */
import { isAccounted, type Ledger } from '../../domain/delivery/ledger.js';
import * as spans from '../../domain/delivery/spans.js';
import { attributesOf } from '../../domain/publication/attributes.js';
import { publicationsStream, type Published } from '../../domain/publication/publication.js';
import { type EventFilter, wants } from '../../domain/subscription/filter.js';
import type { Fact } from '../../domain/fact.js';
import type { Directory } from '../directory.js';
import type { Log } from '../log.js';
import type { SubscriptionRecord } from '../subscriptions.js';
import { deliveryAccess, isVisible } from './access.js';

interface Bounds {
  readonly first: number;
  readonly last: number;
}

export interface SpanReading {
  /** The first place published at `time` or later, milliseconds since the epoch; `end` + 1 where there is none. */
  firstAt(record: SubscriptionRecord, time: number, end: number): Promise<number>;
  /** @param ledger where only what did not arrive is counted. @param now milliseconds since the epoch. */
  count(
    record: SubscriptionRecord,
    bounds: Bounds,
    filter: EventFilter | undefined,
    ledger: Ledger | null,
    now: number,
  ): Promise<{ readonly deliveries: number; readonly complete: boolean }>;
}

const pageMax = 500;
/** Looked at for one count. */
const lookedAtMax = 20_000;

const isFailed = (ledger: Ledger, failed: ReadonlySet<number>, place: number): boolean =>
  isAccounted(ledger, place) && (failed.has(place) || spans.holds(ledger.parkedBefore, place));

export const createSpanReading = (
  log: Pick<Log, 'read'>,
  directory: Pick<Directory, 'exchange'>,
): SpanReading => ({
  firstAt: async ({ tenant, topicId }, time, end) => {
    const stream = publicationsStream(tenant, topicId);
    let [low, high] = [0, end + 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const [fact] = await log.read(stream, middle, 1);
      if (fact && fact.recordedAt < time) low = fact.revision + 1;
      else high = middle;
    }
    return low;
  },
  count: async (record, { first, last }, filter, ledger, now) => {
    const stream = publicationsStream(record.tenant, record.topicId);
    const access = deliveryAccess(directory, record);
    const listed = ledger ? [...ledger.waiting.values(), ...ledger.parked.values()] : [];
    const failed = new Set(listed.flatMap(({ places }) => places));
    const isWanted = (fact: Fact): boolean => {
      const { publication, expiresAt } = fact.data as Published;
      if (!isVisible(access, fact)) return false;
      if (expiresAt !== undefined && Date.parse(expiresAt) <= now) return false;
      if (ledger && !isFailed(ledger, failed, fact.revision)) return false;
      const attributes = attributesOf(publication);
      return [record.filter, filter].every((one) => !one || wants(one, attributes));
    };
    let deliveries = 0;
    let next = first;
    for (let looked = 0; next <= last && looked < lookedAtMax; looked += pageMax) {
      const facts = await log.read(stream, next, Math.min(pageMax, last - next + 1));
      if (facts.length === 0) break;
      deliveries += facts.filter((fact) => fact.revision <= last && isWanted(fact)).length;
      next = (facts.at(-1)?.revision ?? last) + 1;
    }
    return { deliveries, complete: next > last };
  },
});
