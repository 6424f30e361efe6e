/** How relays and bindings are doing, in PostgreSQL: written by the process that works on them, read by whoever asks. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { TenantId } from '../../domain/ids.js';
import type { LinkKind, LinkState, LinkStates } from '../../workers/kafka/state.js';

export interface SavedState {
  readonly kind: LinkKind;
  readonly id: string;
  readonly state: LinkState;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

/** A process that was replaced says nothing any more. */
const forgottenAfter = '1 day';

export const createKafkaStates = (
  pool: Pick<pg.Pool, 'query'>,
): LinkStates & {
  /** The latest first, one for each process that works or worked on it. */
  load(tenant: TenantId): Promise<readonly SavedState[]>;
} => {
  const member = randomUUID();
  return {
    save: async (kind, tenant, id, state) => {
      await pool.query(
        `delete from kopilka.kafka_links
         where tenant = $1 and kind = $2 and id = $3 and member <> $4
           and (kind = 'relay' or updated_at < now() - $5::interval)`,
        [tenant, kind, id, member, forgottenAfter],
      );
      await pool.query(
        `insert into kopilka.kafka_links (tenant, kind, id, member, state) values ($1, $2, $3, $4, $5)
         on conflict (tenant, kind, id, member) do update set state = excluded.state, updated_at = now()`,
        [tenant, kind, id, member, JSON.stringify(state)],
      );
    },
    load: async (tenant) => {
      const { rows } = await pool.query<SavedState>(
        `select kind, id, state, (extract(epoch from updated_at) * 1000)::float8 as "updatedAt"
         from kopilka.kafka_links where tenant = $1 order by updated_at desc limit 10000`,
        [tenant],
      );
      return rows;
    },
  };
};
