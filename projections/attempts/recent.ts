/** How an endpoint did lately: the last attempts of a subscription in figures, without what was sent and answered. */
import type { Db } from 'mongodb';
import type { SubscriptionId, TenantId } from '../../domain/ids.js';
import { findDocuments } from '../documents/reading.js';
import { attempts } from './attempts.js';

export interface RecentFigures {
  readonly attempts: number;
  readonly delivered: number;
  /** Of HTTP, of the last one; null: there was no answer. */
  readonly lastStatus: number | null;
  /** How the last one failed. */
  readonly lastError: string | null;
  /** Milliseconds since the epoch, of the first and the last of them. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly medianMs: number;
  readonly p95Ms: number;
}

export type RecentAttempts = (
  tenant: TenantId,
  subscriptionId: SubscriptionId,
) => Promise<RecentFigures | null>;

/** So many are looked at. */
export const recentMax = 100;
const deadlineMs = 2_000;

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Null: there was none yet. @throws SearchTooCostly, DocumentsNotReady, and what the driver throws. */
export const recentAttempts =
  (db: Db): RecentAttempts =>
  async (tenant, subscriptionId) => {
    const { documents } = await findDocuments(db, attempts, {
      filter: { tenant, subscriptionId },
      sort: { startedAt: -1, number: -1 },
      limit: recentMax,
      fields: ['outcome', 'status', 'error', 'ms', 'startedAt'],
      deadlineMs,
    });
    const [last] = documents;
    const first = documents.at(-1);
    if (!last || !first) return null;
    const times = documents.map(({ ms }) => Number(ms)).sort((a, b) => a - b);
    return {
      attempts: documents.length,
      delivered: documents.filter(({ outcome }) => outcome === 'delivered').length,
      lastStatus: typeof last['status'] === 'number' ? last['status'] : null,
      lastError: typeof last['error'] === 'string' ? last['error'] : null,
      firstAt: (first['startedAt'] as Date).getTime(),
      lastAt: (last['startedAt'] as Date).getTime(),
      medianMs: quantile(times, 0.5),
      p95Ms: quantile(times, 0.95),
    };
  };
