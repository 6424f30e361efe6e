/** Which addresses are left alone, by their hashes. */
import type { SuppressionReason } from '../../domain/consent/suppression.js';
import type { Channel } from '../../domain/message/kinds.js';
import { live, type Page, type PageRequest, type Reader } from '../pages.js';
import { readPage } from '../readPage.js';
import { readerOnceBegun } from './begun.js';

export interface SuppressionView {
  readonly channel: Channel;
  /** Hash. */
  readonly address: string;
  readonly reason: SuppressionReason;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** In the order of channels and hashes; `channel` null: of all. @throws BadCursor */
export const listSuppressions = (
  db: Reader,
  question: PageRequest & { readonly tenant: string; readonly channel: string | null },
): Promise<Page<SuppressionView>> =>
  readPage(readerOnceBegun(db), question, {
    key: { channel: 'text', address: 'text' },
    values: [question.tenant, question.channel],
    sql: (after, limit) =>
      `select channel, address, reason, since from ${live}.outbox_suppressions
        where tenant = $1 and ($2::text is null or channel = $2) and ${after}
        order by channel, address limit ${limit}`,
    toView: (row) => ({
      channel: row['channel'] as Channel,
      address: String(row['address']),
      reason: row['reason'] as SuppressionReason,
      since: Number(row['since']),
    }),
  });
