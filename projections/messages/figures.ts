/**
 * How messages fared, in figures, counted over the documents: exact for as long as these are kept. By provider the attempts are counted, since
 * a message may be carried by several.
 */
import type { Db, Document } from 'mongodb';
import type { TenantId } from '../../domain/ids.js';
import { answeringVersion, SearchTooCostly } from '../documents/reading.js';
import { messageAttempts } from '../messageAttempts/messageAttempts.js';
import { messages } from './messages.js';

const fields = {
  day: 'day',
  class: 'class',
  channel: 'channel',
  campaign: 'campaign',
  template: 'templateId',
  requester: 'requester',
  provider: 'providerId',
} as const;
export const groupings = Object.keys(fields) as readonly (keyof typeof fields)[];
export type Grouping = keyof typeof fields;

export interface FiguresAsked {
  readonly tenant: TenantId;
  readonly by: Grouping;
  /** When a message was accepted, or by provider an attempt was started; both included, milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Groups. */
  readonly limit: number;
  /** On the server, milliseconds. */
  readonly deadlineMs: number;
}

export interface Figures {
  /** Null: those without one. */
  readonly key: string | null;
  /** Messages, or by provider attempts. */
  readonly count: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Of what did not arrive: failed, undelivered, expired and suppressed, by reason; by provider the class of the error. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly segments: number;
  /** Millionths of the unit, by currency. */
  readonly costMicros: Readonly<Record<string, number>>;
}

export interface FoundFigures {
  readonly groups: readonly Figures[];
  /** There are more than were asked for. */
  readonly more: boolean;
  /** Older documents were let go; milliseconds since the epoch. Null: none were. */
  readonly keptFrom: number | null;
}

/** Where they are counted. @throws SearchTooCostly, DocumentsNotReady, and what the driver throws. */
export type CountMessages = (asked: FiguresAsked) => Promise<FoundFigures>;

/** Statuses within groups, of all groups together. */
const rowsMax = 20_000;
const arrived: ReadonlySet<string> = new Set([
  ...['accepted', 'scheduled', 'queued', 'inProgress', 'digested', 'delivered', 'cancelled'],
  ...['started', 'submitted', 'delayed', 'deliveredToOperator'],
]);

interface Row {
  readonly key: string | null;
  readonly status: string;
  readonly reason: string | null;
  readonly currency: string | null;
  readonly count: number;
  readonly segments: number;
  readonly costMicros: number;
}

const rowOf = ({ _id, count, segments, costMicros }: Document): Row => {
  const { key = null, status, reason = null, currency = null } = _id as Partial<Row>;
  return {
    key,
    status: String(status),
    reason,
    currency,
    count: Number(count),
    segments: Number(segments),
    costMicros: Number(costMicros),
  };
};

const added = (sums: Readonly<Record<string, number>>, name: string | null, value: number) =>
  name === null || value === 0 ? sums : { ...sums, [name]: (sums[name] ?? 0) + value };

const grouped = (rows: readonly Row[]): Figures[] => {
  const groups = new Map<string | null, Figures>();
  for (const { key, status, reason, currency, count, segments, costMicros } of rows) {
    const before = groups.get(key) ?? {
      key,
      count: 0,
      statuses: {},
      reasons: {},
      segments: 0,
      costMicros: {},
    };
    groups.set(key, {
      key,
      count: before.count + count,
      statuses: added(before.statuses, status, count),
      reasons: arrived.has(status) ? before.reasons : added(before.reasons, reason, count),
      segments: before.segments + segments,
      costMicros: added(before.costMicros, currency, costMicros),
    });
  }
  return [...groups.values()].sort((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1));
};

const tooCostly = new Set<unknown>([50, 292]);

export const countMessages =
  (db: Db): CountMessages =>
  async ({ tenant, by, from, to, limit, deadlineMs }) => {
    const ofAttempts = by === 'provider';
    const { collection, keptFrom } = await answeringVersion(
      db,
      ofAttempts ? messageAttempts : messages,
    );
    const time = ofAttempts ? 'startedAt' : 'acceptedAt';
    const pipeline = [
      { $match: { tenant, [time]: { $gte: new Date(from), $lte: new Date(to) } } },
      {
        $group: {
          _id: {
            key: `$${fields[by]}`,
            status: '$status',
            reason: ofAttempts ? '$errorClass' : '$reason',
            currency: '$currency',
          },
          count: { $sum: 1 },
          segments: { $sum: '$segments' },
          costMicros: { $sum: '$costMicros' },
        },
      },
      { $limit: rowsMax },
    ];
    try {
      const rows = await db
        .collection(collection)
        .aggregate(pipeline, { maxTimeMS: deadlineMs })
        .toArray();
      const groups = grouped(rows.map(rowOf));
      const more = groups.length > limit || rows.length === rowsMax;
      return { groups: groups.slice(0, limit), more, keptFrom };
    } catch (error) {
      const { code } = error as { code?: unknown };
      throw tooCostly.has(code) ? new SearchTooCostly(deadlineMs) : error;
    }
  };
