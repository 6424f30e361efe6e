/**
 * What became of one publication at one subscription. Three sources, each asked for what it knows best: the ledger says whether it is
 * settled, waits or is parked; the searches have the attempts; and where they know of none, the deliveries stream itself is looked at
 * around the time of the publication. What none of them tells is said to be unknown, never guessed.
 */
import type { DeliveryOrders } from '../../commands/delivery/ordering.js';
import { webhookIdOf } from '../../commands/delivery/webhookId.js';
import type { Directory } from '../../commands/directory.js';
import { obstacleOf } from '../../commands/subscription/standing.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import { inFull } from '../../domain/delivery/attempts.js';
import {
  type Attempt,
  deliveriesStream,
  type DeliveryEvent,
} from '../../domain/delivery/events.js';
import { isAccounted, type Ledger } from '../../domain/delivery/ledger.js';
import * as spans from '../../domain/delivery/spans.js';
import type { Fact } from '../../domain/fact.js';
import type { AttemptSearches } from '../../projections/attempts/search.js';
import { DocumentsNotReady } from '../../projections/documents/reading.js';
import type { History } from '../audit/history.js';

export type Became =
  | 'delivered'
  /** For another attempt. */
  | 'waiting'
  /** Given up, until somebody asks for it. */
  | 'parked'
  /** Not for this subscription: filtered, hidden, expired, revoked, ended; or skipped by its partner. */
  | 'passed'
  /** Not its turn yet; where the subscription does not deliver, the reason says why. */
  | 'pending'
  /** The subscription begins behind it. */
  | 'before'
  /** Settled, and how is not kept where this looks. */
  | 'unknown';

export interface PlaceOutcome {
  readonly record: SubscriptionRecord;
  readonly became: Became;
  readonly reason: string | null;
  /** When it first arrived, milliseconds since the epoch. */
  readonly deliveredAt: number | null;
  readonly nextAt: number | null;
  /** The first ones, in their order. */
  readonly attempts: readonly Attempt[];
}

export type OutcomeOf = (
  record: SubscriptionRecord,
  publication: Pick<Fact, 'revision' | 'recordedAt'>,
) => Promise<PlaceOutcome>;

const attemptsMax = 20;
const searchDeadlineMs = 2_000;
/** Events of the deliveries stream that are looked at, and in one request. */
const scannedMax = 2_000;
const scanPage = 500;

export const createOutcomeOf = (options: {
  readonly directory: Directory;
  readonly orders: Pick<DeliveryOrders, 'state'>;
  readonly searches: AttemptSearches;
  readonly history: Pick<History, 'stream'>;
}): OutcomeOf => {
  const { directory, orders, searches, history } = options;

  const search = async (
    record: SubscriptionRecord,
    by: { readonly webhookId: string } | { readonly place: number; readonly from: number },
  ): Promise<readonly Attempt[]> => {
    const { tenant, subscriptionId } = record;
    const about = { tenant, subscriptions: [subscriptionId], limit: attemptsMax };
    const asked = { ...about, ...by, deadlineMs: searchDeadlineMs };
    const { rows } = await searches.attempts(asked).catch((error: unknown) => {
      if (error instanceof DocumentsNotReady) return { rows: [] };
      throw error;
    });
    return [...rows].reverse();
  };

  /** One that went alone has an id that follows from its place; those of batches are found by it. */
  const attemptsAt = async (record: SubscriptionRecord, place: number, from: number) => {
    const stream = deliveriesStream(record.tenant, record.subscriptionId);
    const alone = await search(record, { webhookId: webhookIdOf(stream, [place]) });
    return alone.length > 0 ? alone : search(record, { place, from });
  };

  const told = createScan(history);

  return async (record, { revision: place, recordedAt }) => {
    const { tenant, subscriptionId, partnerId } = record;
    const nothing = { record, reason: null, deliveredAt: null, nextAt: null, attempts: [] };
    if (place <= (record.from.after ?? -1)) return { ...nothing, became: 'before' };
    const [{ ledger }, attempts] = await Promise.all([
      orders.state({ subscriptionId, partnerId }, { tenant }),
      attemptsAt(record, place, recordedAt),
    ]);
    const arrived = attempts.find(({ outcome }) => outcome === 'delivered');
    const known = { ...nothing, attempts };
    if (arrived) return { ...known, became: 'delivered', deliveredAt: endOf(arrived) };
    const open = unsettled(ledger, place);
    if (open) return { ...known, ...open };
    if (!isAccounted(ledger, place)) {
      const reason = obstacleOf(directory, record)?.reason ?? null;
      return { ...known, became: 'pending', reason };
    }
    return { ...known, ...(await told(record, place, recordedAt)) };
  };
};

const endOf = ({ startedAt, ms }: Attempt): number => startedAt + ms;

type Settled = Pick<PlaceOutcome, 'became' | 'reason' | 'deliveredAt' | 'nextAt'>;

const unsettled = (ledger: Ledger, place: number): Settled | null => {
  const none = { deliveredAt: null, nextAt: null };
  for (const { places, due } of ledger.waiting.values()) {
    if (places.includes(place)) return { ...none, became: 'waiting', reason: null, nextAt: due };
  }
  for (const { places, reason } of ledger.parked.values()) {
    if (places.includes(place)) return { ...none, became: 'parked', reason };
  }
  if (spans.holds(ledger.parkedBefore, place)) return { ...none, became: 'parked', reason: null };
  return null;
};

/** The first word of the log about a place, near the time at which it was published. */
const createScan =
  (history: Pick<History, 'stream'>) =>
  async (record: SubscriptionRecord, place: number, from: number): Promise<Settled> => {
    const stream = deliveriesStream(record.tenant, record.subscriptionId);
    let next: number | null = await firstSince(history, stream, from);
    for (let scanned = 0; next !== null && scanned < scannedMax; scanned += scanPage) {
      const asked = { direction: 'forwards', from: next, limit: scanPage } as const;
      const page = await history.stream(stream, asked);
      for (const fact of page.facts) {
        const settled = settledBy({ type: fact.type, data: fact.data } as DeliveryEvent, place);
        if (settled) return settled;
      }
      next = page.next;
    }
    return { became: 'unknown', reason: null, deliveredAt: null, nextAt: null };
  };

const settledBy = (event: DeliveryEvent, place: number): Settled | null => {
  const none = { deliveredAt: null, nextAt: null };
  if (event.type === 'DeliveriesPassed') {
    const range = event.data.ranges.find(({ first, last }) => first <= place && place <= last);
    return range ? { ...none, became: 'passed', reason: range.reason } : null;
  }
  if (event.type === 'DeliverySkipped') {
    const isOfIt = event.data.places.includes(place);
    return isOfIt ? { ...none, became: 'passed', reason: 'skipped' } : null;
  }
  if (event.type !== 'DeliveriesAttempted') return null;
  const arrived = inFull(event.data.attempts).find(
    ({ places, outcome }) => outcome === 'delivered' && places.includes(place),
  );
  return arrived
    ? { ...none, became: 'delivered', reason: null, deliveredAt: endOf(arrived) }
    : null;
};

/** The first revision that was recorded at a time or later; null: there is none. Halves what is left each time. */
const firstSince = async (
  history: Pick<History, 'stream'>,
  stream: string,
  time: number,
): Promise<number | null> => {
  const at = async (from: number | null, direction: 'forwards' | 'backwards') =>
    (await history.stream(stream, { direction, from, limit: 1 })).facts[0];
  const [first, last] = await Promise.all([at(null, 'forwards'), at(null, 'backwards')]);
  if (!first || !last || last.recordedAt < time) return null;
  let [low, high] = [first.revision, last.revision];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const fact = await at(middle, 'forwards');
    if (fact && fact.recordedAt < time) low = fact.revision + 1;
    else high = middle;
  }
  return low;
};
