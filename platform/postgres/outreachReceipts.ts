/** What joins receipts to attempts: the queue's tables; and receipts that wait to be joined, in a table of their own. */
import type pg from 'pg';
import type { ReportedReceipt } from '../../commands/provider/receipts.js';
import type { MessageId, ProviderId, TenantId } from '../../domain/ids.js';
import type { Message } from '../../domain/message/message.js';
import { idOf } from '../../projections/outbox/request.js';
import type { ReceiptStore, ReceivedOf } from '../../workers/outreach/receipts.js';

/** Meanwhile nobody else looks at what was handed out. */
const handedOutSeconds = 10;

/** The queue is not there before the first message was accepted. */
const isMissing = (error: unknown): boolean => (error as { code?: string }).code === '42P01';

export const createReceiptStore = (pool: Pick<pg.Pool, 'query'>): ReceiptStore => ({
  byReference: async (tenant, providerId, references) => {
    if (references.length === 0) return new Map();
    const { rows } = await pool
      .query<{ reference: string; message_id: string; attempt: number }>({
        name: 'outreach.references',
        text: `select reference, message_id, attempt from read.outbox_provider_references
          where tenant = $1 and provider_id = $2 and reference = any ($3)`,
        values: [tenant, providerId, references],
      })
      .catch((error: unknown) => {
        if (isMissing(error)) return { rows: [] };
        throw error;
      });
    return new Map(
      rows.map(({ reference, message_id: id, attempt }) => [
        reference,
        { messageId: idOf(id), attempt },
      ]),
    );
  },
  messages: async (tenant, messageIds) => {
    if (messageIds.length === 0) return new Map<MessageId, ReceivedOf>();
    const { rows } = await pool
      .query<{ message_id: string; lane: number; state: string }>({
        name: 'outreach.messages_reported',
        text: `select message_id, lane, state from read.outbox_messages
          where tenant = $1 and message_id = any ($2::uuid[])`,
        values: [tenant, messageIds],
      })
      .catch((error: unknown) => {
        if (isMissing(error)) return { rows: [] };
        throw error;
      });
    return new Map(
      rows.map(({ message_id: id, lane, state }) => {
        const { attempts } = JSON.parse(state) as Message;
        const providers = new Map(attempts.map((one) => [one.attempt, one.providerId]));
        return [idOf(id), { lane, providers }];
      }),
    );
  },
  place: async (tenant, { messageId, attempt }) => {
    const { rows } = await pool.query<{ state: string }>({
      name: 'outreach.attempt_place',
      text: 'select state from read.outbox_messages where tenant = $1 and message_id = $2::uuid',
      values: [tenant, messageId],
    });
    const message = rows[0] && (JSON.parse(rows[0].state) as Message);
    const tried = message?.attempts.find((one) => one.attempt === attempt);
    return tried ? { channel: tried.channel, address: tried.address } : null;
  },
  keep: async (tenant, providerId, receipts) => {
    await pool.query(
      `insert into kopilka.outreach_receipts (tenant, provider_id, receipt)
       select $1, $2, receipt from jsonb_array_elements($3::jsonb) as receipt`,
      [tenant, providerId, JSON.stringify(receipts)],
    );
  },
  kept: async (limit) => {
    const { rows } = await pool.query<{
      id: bigint;
      tenant: TenantId;
      provider_id: ProviderId;
      receipt: ReportedReceipt;
      age_ms: number;
    }>({
      name: 'outreach.receipts',
      text: `with due as (
          select id from kopilka.outreach_receipts
          where given_up_at is null and next_at <= now() order by next_at limit $1
          for update skip locked
        )
        update kopilka.outreach_receipts as kept
        set next_at = now() + make_interval(secs => ${handedOutSeconds})
        from due where kept.id = due.id
        returning kept.id, kept.tenant, kept.provider_id, kept.receipt,
          (extract(epoch from now() - kept.received_at) * 1000)::double precision as age_ms`,
      values: [limit],
    });
    return rows.map((row) => ({
      id: String(row.id),
      tenant: row.tenant,
      providerId: row.provider_id,
      receipt: row.receipt,
      ageMs: row.age_ms,
    }));
  },
  done: async (ids) => {
    if (ids.length === 0) return;
    await pool.query('delete from kopilka.outreach_receipts where id = any ($1::bigint[])', [ids]);
  },
  later: async (ids, afterMs) => {
    await pool.query(
      `update kopilka.outreach_receipts set next_at = now() + make_interval(secs => $2)
       where id = any ($1::bigint[])`,
      [ids, afterMs / 1_000],
    );
  },
  giveUp: async (ids) => {
    if (ids.length === 0) return;
    await pool.query(
      `update kopilka.outreach_receipts set given_up_at = now() where id = any ($1::bigint[])`,
      [ids],
    );
    await pool.query(
      `delete from kopilka.outreach_receipts where given_up_at < now() - interval '30 days'`,
    );
  },
});
