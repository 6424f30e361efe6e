/**
 * What a subscription's endpoint is sent next, and what has to wait: slots, order by key, batches, retries that are due.
 *
 * Invariant: what was offered is ready, waiting behind its key, or in flight, until its outcome is told; of one key never two are in flight;
 * under "block" nothing of a key is sent while an earlier one of it waits for another attempt or is parked. Time and the ledger
 * are passed in, so that all of it runs in a test without a clock.
 */
import type { AttemptCause } from './events.js';
import { createLanes } from './lanes.js';
import { isOpen, type Ledger, type Waiting } from './ledger.js';

export interface QueueTerms {
  /** `none` where it has to be in no order. */
  readonly order: 'none' | 'block' | 'skip';
  /** Requests at one time. */
  readonly concurrency: number;
  /** Events in one request, and how long the first of them may wait for the others, milliseconds. */
  readonly batchMax: number;
  readonly batchWaitMs: number;
}

export interface Sending {
  readonly places: readonly number[];
  /** What it is in order with; null: nothing. */
  readonly lane: string | null;
  readonly cause: AttemptCause;
  /** Of what was tried before. */
  readonly webhookId: string | null;
  readonly waiting: Waiting | null;
}

interface Ready {
  readonly place: number;
  readonly lane: string | null;
  readonly since: number;
}

export interface Queue {
  /** Wanted by the subscription; places in ascending order. */
  offer(place: number, lane: string | null, now: number): void;
  /** Ready for a first attempt, and waiting behind their keys. */
  readonly ready: number;
  readonly held: number;
  readonly inFlight: number;
  /** Whether a first attempt could be sent now, if there were something to send. */
  hasRoom(ledger: Ledger, now: number): boolean;
  /** What is to be sent now; null: nothing may or has to be. It is in flight then. */
  next(ledger: Ledger, now: number): Sending | null;
  /** The same of something that is replayed; null: not now. */
  replay(
    place: number,
    webhookId: string,
    lane: string | null,
    ledger: Ledger,
    now: number,
  ): Sending | null;
  /** Milliseconds since the epoch when `next` should be asked again though nothing happened; Infinity: never. */
  wakeAt(ledger: Ledger, now: number): number;
  /** @param failing the webhook id, where it waits for another attempt (until `dueAt`) or is parked now; null: it is settled. */
  settled(sending: Sending, failing: string | null, dueAt?: number): void;
  /** The ledger was changed by others: a retry may be due earlier than it was, or what stood in the way is gone. */
  hurry(): void;
}

const retryShare = 4;

/** When the first of those that wait may be asked with, as their receiver wants it. */
const earliest = (waiting: Ledger['waiting'], now: number): number => {
  let at = Infinity;
  for (const { notBefore } of waiting.values()) at = Math.min(at, Math.max(now, notBefore));
  return at;
};

/** Whether the next probe of an open breaker is an event that was not sent yet. */
const probesWithFresh = ({ waiting, endpoint }: Ledger): boolean =>
  waiting.size === 0 || endpoint.probes % 2 === 1;

/** As if it had never been tried: where it fails, the schedule begins anew. */
const replayed: Omit<Waiting, 'places' | 'lane'> = {
  ids: [],
  attempt: 0,
  due: 0,
  notBefore: 0,
  cause: 'retry',
};

/** @param ledger what waits or is parked in it stands in the way of its keys. */
export const createQueue = (terms: QueueTerms, ledger: Ledger): Queue => {
  const { order, concurrency, batchMax, batchWaitMs } = terms;
  const isOrdered = order !== 'none';
  // Several keys are in one batch: then the whole subscription is one lane.
  const isSerial = isOrdered && batchMax > 1;
  const retryMax = Math.max(1, Math.floor(concurrency / retryShare));
  const ready: Ready[] = [];
  let readyFrom = 0;
  let first = 0;
  let retries = 0;
  const retrying = new Set<string>();
  /** Due, in the order of their places; and when to look for more. */
  const due: string[] = [];
  let lookAt = 0;

  const serial = '*';
  const nameOf = (lane: string | null): string | null =>
    isSerial ? serial : isOrdered ? lane : null;

  const lanes = createLanes({
    blocks: order === 'block',
    ledger,
    nameOf,
    onTurn: (lane, place) => void ready.push({ place, lane, since: 0 }),
    onTurnAgain: (id) => void due.unshift(id),
  });

  const takeReady = (): Ready | undefined => {
    const one = ready[readyFrom];
    if (!one) return undefined;
    readyFrom += 1;
    if (readyFrom > 512 && readyFrom * 2 > ready.length) {
      ready.splice(0, readyFrom);
      readyFrom = 0;
    }
    return one;
  };

  const offer: Queue['offer'] = (place, given, now) => {
    const name = isSerial ? null : nameOf(given);
    if (name === null) return void ready.push({ place, lane: null, since: now });
    if (lanes.enter(name, place)) ready.push({ place, lane: name, since: now });
  };

  const lookForDue = (now: number, waiting: Ledger['waiting']): void => {
    if (now < lookAt) return;
    lookAt = Infinity;
    const known = new Set(due);
    const found: [string, Waiting][] = [];
    for (const [id, one] of waiting) {
      if (retrying.has(id) || known.has(id)) continue;
      if (one.due <= now) found.push([id, one]);
      else lookAt = Math.min(lookAt, one.due);
    }
    found.sort(([, one], [, other]) => (one.places[0] ?? 0) - (other.places[0] ?? 0));
    for (const [id] of found) due.push(id);
  };

  /** Takes the lane of a retry, or puts the retry in the lane's line. */
  const mayRetry = (id: string, { lane }: Waiting): boolean => {
    const name = nameOf(lane);
    return name === null || lanes.enterAgain(name, id);
  };

  const retryOf = (waiting: Ledger['waiting']): Sending | null => {
    while (due.length > 0) {
      const id = due[0] as string;
      const one = waiting.get(id);
      if (one && !retrying.has(id) && mayRetry(id, one)) {
        due.shift();
        return sendAgain(id, one, one.cause);
      }
      due.shift();
      // Settled in the meantime: its lane is not kept any longer.
      if (!one) lanes.giveUp(id);
    }
    return null;
  };

  const sendAgain = (id: string, one: Waiting, cause: AttemptCause): Sending => {
    retries += 1;
    retrying.add(id);
    return { places: one.places, lane: one.lane, cause, webhookId: id, waiting: one };
  };

  /** When what is ready may go: a batch that is not full waits for more. */
  const readyAt = (): number => {
    const one = ready[readyFrom];
    if (!one || (isSerial && !lanes.isFree(serial))) return Infinity;
    return ready.length - readyFrom >= batchMax ? 0 : one.since + batchWaitMs;
  };

  const firstOf = (now: number): Sending | null => {
    if (readyAt() > now) return null;
    const one = takeReady();
    if (!one) return null;
    const places = [one.place];
    while (places.length < batchMax && readyFrom < ready.length) {
      places.push((takeReady() as Ready).place);
    }
    first += 1;
    const lane = isSerial ? serial : one.lane;
    return { places, lane, cause: 'first', webhookId: null, waiting: null };
  };

  const limitOf = (): number => (isSerial ? 1 : concurrency);

  /** In turns, so that each of those that wait is asked with. */
  const probeAgain = ({ waiting, endpoint }: Ledger, now: number): Sending | null => {
    const all = [...waiting];
    const from = Math.floor(endpoint.probes / 2);
    for (let i = 0; i < all.length; i += 1) {
      const [id, one] = all[(from + i) % all.length] as [string, Waiting];
      if (one.notBefore <= now && mayRetry(id, one)) return sendAgain(id, one, 'probe');
    }
    return null;
  };

  /**
   * While the breaker is open one request at a time asks whether the endpoint is back: by turns with what it refused and with what it
   * has never seen. Some events it may never take, and those must not keep the others from it.
   */
  const probe = (of: Ledger, now: number): Sending | null => {
    if (first + retries > 0) return null;
    lookForDue(now, of.waiting);
    const again = retryOf(of.waiting);
    if (again || now < of.endpoint.nextProbe) return again;
    const fresh = probesWithFresh(of) ? firstOf(now) : null;
    return fresh ?? probeAgain(of, now) ?? firstOf(now);
  };

  return {
    offer,
    get ready() {
      return ready.length - readyFrom;
    },
    get held() {
      return lanes.held;
    },
    get inFlight() {
      return first + retries;
    },
    hasRoom: (of, now) => {
      if (now < of.endpoint.quietUntil || first + retries >= limitOf()) return false;
      if (!isOpen(of)) return true;
      // One to probe with.
      return now >= of.endpoint.nextProbe && probesWithFresh(of) && ready.length === readyFrom;
    },
    next: (of, now) => {
      if (now < of.endpoint.quietUntil) return null;
      if (isOpen(of)) return probe(of, now);
      if (first + retries >= limitOf()) return null;
      lookForDue(now, of.waiting);
      return (retries < retryMax ? retryOf(of.waiting) : null) ?? firstOf(now);
    },
    replay: (place, id, given, of, now) => {
      if (isOpen(of) || now < of.endpoint.quietUntil || retries >= retryMax) return null;
      if (first + retries >= limitOf() || retrying.has(id)) return null;
      const known = of.waiting.get(id);
      const one = known ?? { ...replayed, places: [place], lane: given };
      if (!isSerial && given !== null && isOrdered && lanes.isBusy(given)) return null;
      if (!mayRetry(id, one)) return null;
      return sendAgain(id, one, 'replay');
    },
    wakeAt: (of, now) => {
      const { quietUntil, nextProbe } = of.endpoint;
      if (now < quietUntil) return quietUntil;
      if (first + retries >= limitOf()) return Infinity;
      if (isOpen(of)) {
        if (first + retries > 0) return Infinity;
        if (now < nextProbe) return Math.min(lookAt, nextProbe);
        return Math.min(readyAt(), earliest(of.waiting, now));
      }
      if (retries >= retryMax) return readyAt();
      return Math.min(readyAt(), due.length > 0 ? now : lookAt);
    },
    settled: (sending, failing, dueAt = 0) => {
      const { webhookId, lane: given } = sending;
      if (webhookId === null) first -= 1;
      else {
        retries -= 1;
        retrying.delete(webhookId);
      }
      const name = nameOf(given);
      if (failing !== null) lookAt = Math.min(lookAt, dueAt);
      if (name !== null) lanes.leave(name, webhookId, failing);
    },
    hurry: () => {
      lookAt = 0;
      lanes.review();
    },
  };
};
