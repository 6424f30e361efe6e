/**
 * How long records of deliveries are kept: what is older goes, and what is left is enough to know what is still to do.
 *
 * Invariant: a stream is cut only before an event that holds the whole ledger, and only where that is itself older than records are kept.
 * An age limit on the stream would need nobody to cut it, but would take the ledger along where nothing was recorded for so long, of a
 * subscription that is paused or an installation that was off: then everything would be sent again.
 */
import {
  carryOver,
  ledgerKey,
  type LedgerSnapshots,
  readLedger,
} from '../../commands/delivery/ledgers.js';
import type { Log } from '../../commands/log.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import type { Ledger } from '../../domain/delivery/ledger.js';

export interface RetentionTerms {
  /** Milliseconds; Infinity: for ever. */
  readonly keptMs: number;
  /** Lets everything of a stream before a revision go; again: nothing. @throws what the log throws. */
  readonly cut: (stream: string, before: number) => Promise<void>;
}

export interface Retention {
  /** Now and then, of a ledger that holds nothing which is not in the log yet. @throws what the log throws. */
  keep(record: SubscriptionRecord, ledger: Ledger): Promise<void>;
  /** The same of one that nobody delivers. @throws what the log throws. */
  keepIdle(record: SubscriptionRecord): Promise<void>;
}

/** Of the time that records are kept: so much longer they may stay. */
const carriedShare = 1 / 9;

/** The revision before which all is older than records are kept; 0: nothing is. @param now milliseconds since the epoch. */
export const cutBefore = ({ marks }: Pick<Ledger, 'marks'>, now: number, keptMs: number): number =>
  marks.findLast(({ at }) => at <= now - keptMs)?.revision ?? 0;

export const createRetention = (options: {
  readonly log: Pick<Log, 'append' | 'read'>;
  readonly snapshots: LedgerSnapshots;
  readonly terms: RetentionTerms;
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): Retention => {
  const { log, snapshots, terms, owner, now } = options;
  const { keptMs, cut } = terms;
  /** By stream, where it was cut last. */
  const done = new Map<string, number>();

  const keep: Retention['keep'] = async (record, ledger) => {
    const stream = ledgerKey(record);
    await carryOver(log, stream, record.tenant, ledger, owner, now(), keptMs * carriedShare);
    const before = cutBefore(ledger, now(), keptMs);
    if (before <= (done.get(stream) ?? 0)) return;
    await cut(stream, before);
    done.set(stream, before);
    ledger.marks.splice(
      0,
      ledger.marks.findIndex(({ revision }) => revision === before),
    );
  };

  return {
    keep,
    keepIdle: async (record) => {
      const ledger = await readLedger(log, record, await snapshots.load(ledgerKey(record)));
      if (ledger.revision >= 0) await keep(record, ledger);
    },
  };
};
