/** How far requesters of messages were told, in PostgreSQL: the port of workers/outreach/callbacks.ts. */
import type pg from 'pg';
import type { MessageId, TenantId, TopicId } from '../../domain/ids.js';
import type { MessageName, ToldMessages } from '../../workers/outreach/callbacks.js';
import type { ToldMessage } from '../../workers/outreach/statusEvent.js';
import { createWorkerCheckpoints } from './workerCheckpoints.js';

const worker = 'messageCallbacks';
const namesMax = 5_000;

interface Row {
  readonly tenant: string;
  readonly message_id: string;
  readonly topic_id: string;
  readonly told: string;
}

type Kept = Omit<ToldMessage, 'tenant' | 'messageId' | 'topicId'>;

const toldOf = ({ tenant, message_id, topic_id, told }: Row): ToldMessage => ({
  ...(JSON.parse(told) as Kept),
  tenant: tenant as TenantId,
  messageId: message_id as MessageId,
  topicId: topic_id as TopicId,
});

const endedAtOf = ({ message }: ToldMessage): Date | null =>
  message.endedAt === null ? null : new Date(message.endedAt);

const keptOf = ({ sequence, reference, campaign, message }: ToldMessage): string => {
  const kept: Kept = { sequence, reference, campaign, message };
  return JSON.stringify(kept);
};

export const createToldMessages = (pool: Pick<pg.Pool, 'query' | 'connect'>): ToldMessages => {
  const read = async (names: readonly MessageName[]): Promise<ToldMessage[]> => {
    const { rows } = await pool.query<Row>(
      `select tenant, message_id, topic_id, told from kopilka.message_callbacks
       join unnest($1::text[], $2::text[]) as wanted (tenant, message_id) using (tenant, message_id)`,
      [names.map(({ tenant }) => tenant), names.map(({ messageId }) => messageId)],
    );
    return rows.map(toldOf);
  };

  const write = async (client: pg.PoolClient, told: readonly ToldMessage[]): Promise<void> => {
    await client.query(
      `insert into kopilka.message_callbacks (tenant, message_id, topic_id, told, ended_at)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
       on conflict (tenant, message_id) do update set told = excluded.told, ended_at = excluded.ended_at`,
      [
        told.map(({ tenant }) => tenant),
        told.map(({ messageId }) => messageId),
        told.map(({ topicId }) => topicId),
        told.map(keptOf),
        told.map(endedAtOf),
      ],
    );
  };

  return {
    place: () => createWorkerCheckpoints(pool).load(worker),
    any: async () => {
      const { rowCount } = await pool.query('select 1 from kopilka.message_callbacks limit 1');
      return (rowCount ?? 0) > 0;
    },
    load: async (names) => {
      const found: ToldMessage[] = [];
      for (let i = 0; i < names.length; i += namesMax) {
        found.push(...(await read(names.slice(i, i + namesMax))));
      }
      return found;
    },
    save: async (told, place) => {
      if (told.length === 0) return createWorkerCheckpoints(pool).save(worker, place);
      const client = await pool.connect();
      try {
        await client.query('begin');
        await write(client, told);
        await createWorkerCheckpoints(client).save(worker, place);
        await client.query('commit');
      } catch (error) {
        await client.query('rollback').catch(() => undefined);
        throw error;
      } finally {
        client.release();
      }
    },
    forget: async (endedBefore) => {
      await pool.query('delete from kopilka.message_callbacks where ended_at < $1', [
        new Date(endedBefore),
      ]);
    },
  };
};
