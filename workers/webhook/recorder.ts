/**
 * Appends what became of deliveries, in the order in which it happened and some ten times a second: one append for many.
 *
 * Invariant: what is told here is in the log in the end, or somebody else has the subscription. The stream itself is the fence: every append
 * expects the revision that this process knows, so whoever lost the subscription learns it from the log and records nothing. Orders
 * of partners (a replay, a retry) come to the same stream in between; they are taken in, and the append is made again.
 */
import { applyFact } from '../../commands/delivery/ledgers.js';
import { commandIdOf } from '../../commands/commandId.js';
import { ownFacts } from '../../commands/ownFacts.js';
import { type Log, VersionConflict } from '../../commands/log.js';
import { abbreviated } from '../../domain/delivery/attempts.js';
import {
  type Attempt,
  type AttemptAlike,
  type DeliveryEvent,
  deliveryOrders,
  type PassedReason,
} from '../../domain/delivery/events.js';
import { jsonOfLedger, type Ledger } from '../../domain/delivery/ledger.js';
import type { Fact, NewFact } from '../../domain/fact.js';
import type { TenantId } from '../../domain/ids.js';

export interface Recorder {
  attempted(attempt: Attempt): void;
  passed(first: number, last: number, reason: PassedReason): void;
  told(event: DeliveryEvent): void;
  /** Events that are not in the log yet. */
  readonly open: number;
  /** Whether all that was told is in the log. */
  readonly isIdle: boolean;
  /** Whether there is something that should not wait: passing over is lost without harm. */
  readonly urgent: boolean;
  /** Appends what there is and takes in what others wrote. @returns false where the subscription is another's now. @throws what the log throws: call it again. */
  flush(readOrders: boolean): Promise<boolean>;
  /** The ledger as JSON as of a revision of the stream, taken now and then; once. */
  snapshot(): { readonly revision: number; readonly ledger: string } | null;
}

const bytesMax = 256_000;
const eventsMax = 3;
/** Of one that is told by what differs, and of each of its places. */
const [alikeBytes, placeBytes] = [200, 12];
const rangesMax = bytesMax / 80;
const snapshotEveryMs = 5_000;
const pageMax = 200;

export const createRecorder = (options: {
  readonly log: Log;
  readonly stream: string;
  readonly tenant: TenantId;
  readonly ledger: Ledger;
  /** Of this process: its own appends are told from others' by it. */
  readonly owner: string;
  readonly now: () => number;
  readonly onOrders: () => void;
}): Recorder => {
  const { log, stream, tenant, ledger, owner, now, onOrders } = options;
  let pending: DeliveryEvent[] = [];
  /** On their way into the log, an append each. */
  let under: NewFact[][] = [];
  let taken: string | null = null;
  let takenAt = 0;
  let urgent = false;
  let attempts = 0;
  /** Of the event of attempts that is being told, and the last of them. */
  let bytes = 0;
  let before: Attempt | undefined;
  let appends = 0;
  let latest: { readonly revision: number; readonly ledger: string } | null = null;

  const attempted: Recorder['attempted'] = (attempt) => {
    urgent = true;
    attempts += 1;
    const last = pending.at(-1);
    if (last?.type === 'DeliveriesAttempted') {
      const told = abbreviated(attempt, before);
      bytes += bytesOf(told);
      before = attempt;
      if (bytes <= bytesMax) return void last.data.attempts.push(told);
    }
    bytes = bytesOf(attempt);
    before = attempt;
    pending.push({ type: 'DeliveriesAttempted', data: { attempts: [attempt] } });
  };

  const passed: Recorder['passed'] = (first, last, reason) => {
    const event = pending.at(-1);
    if (event?.type !== 'DeliveriesPassed') {
      pending.push({ type: 'DeliveriesPassed', data: { ranges: [{ first, last, reason }] } });
      return;
    }
    const range = event.data.ranges.at(-1);
    if (range?.reason === reason && range.last + 1 === first) range.last = last;
    else event.data.ranges.push({ first, last, reason });
  };

  const factsOf = (events: readonly DeliveryEvent[]): NewFact[][] => {
    const commandId = commandIdOf('Deliver', stream, `${owner} ${(appends += 1)}`);
    const actor = { kind: 'worker', id: owner } as const;
    const by = { tenant, actor, commandId, now: now() };
    const facts = ownFacts(events.flatMap(inPieces), by);
    const groups = Array.from({ length: Math.ceil(facts.length / eventsMax) }, (_, i) =>
      facts.slice(i * eventsMax, (i + 1) * eventsMax),
    );
    return groups;
  };

  /** @returns false where another dispatcher wrote. */
  const takeIn = async (): Promise<boolean> => {
    for (;;) {
      const facts = await log.read(stream, ledger.revision + 1, pageMax);
      for (const fact of facts) {
        if (fact.metadata.actor.id === owner) ledger.revision = fact.revision;
        else if (isOrder(fact)) applyFact(ledger, fact);
        else return false;
      }
      if (facts.some(isOrder)) onOrders();
      if (facts.length < pageMax) return true;
    }
  };

  const appendOne = async (facts: readonly NewFact[]): Promise<boolean> => {
    for (;;) {
      const { revision: known } = ledger;
      try {
        const { revision } = await log.append(stream, known < 0 ? 'noStream' : known, facts);
        ledger.revision = revision;
        return true;
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw error;
        taken = null; // without what others wrote in between
        if (!(await takeIn())) return false;
        if (ledger.revision === known) throw error;
      }
    }
  };

  const append = async (): Promise<boolean> => {
    for (let [facts] = under; facts; [facts] = under) {
      if (!(await appendOne(facts))) return false;
      under.shift();
    }
    if (taken !== null) latest = { revision: ledger.revision, ledger: taken };
    taken = null;
    return true;
  };

  return {
    attempted,
    passed,
    told: (event) => {
      urgent = true;
      pending.push(event);
    },
    get open() {
      return attempts + under.length;
    },
    get isIdle() {
      return pending.length === 0 && under.length === 0;
    },
    get urgent() {
      return urgent || under.length > 0;
    },
    flush: async (readOrders) => {
      if (!(await append())) return false;
      if (readOrders && !(await takeIn())) return false;
      if (pending.length === 0) return true;
      const events = pending;
      pending = [];
      attempts = 0;
      urgent = false;
      under = factsOf(events);
      if (now() - takenAt >= snapshotEveryMs) {
        takenAt = now();
        taken = JSON.stringify(jsonOfLedger(ledger));
      }
      return append();
    },
    snapshot: () => {
      const snapshot = latest;
      latest = null;
      return snapshot;
    },
  };
};

const isOrder = ({ type }: Fact): boolean => deliveryOrders.includes(type);

/** No event grows beyond what an append may hold; those of attempts do not from the beginning. */
const inPieces = (event: DeliveryEvent): DeliveryEvent[] => {
  if (event.type === 'DeliveriesPassed') {
    const { ranges } = event.data;
    return Array.from({ length: Math.ceil(ranges.length / rangesMax) }, (_, i) => ({
      ...event,
      data: { ranges: ranges.slice(i * rangesMax, (i + 1) * rangesMax) },
    }));
  }
  return [event];
};

/** As it is stored, or more. Most are short, and told by what differs: writing each for its length alone would take as long as signing it. */
const bytesOf = (told: Attempt | AttemptAlike): number => {
  if ('request' in told) return jsonBytesOf(told);
  const { places, ids, response } = told;
  let bytes = alikeBytes + placeBytes * places.length;
  for (const id of ids) bytes += isPlain.test(id) ? id.length + 3 : jsonBytesOf(id);
  return response ? bytes + jsonBytesOf(response) : bytes;
};

const isPlain = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/;
/** A body of control characters takes six times its length. */
const jsonBytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
