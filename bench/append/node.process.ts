/** The embedded event store alone: its PostgreSQL, and the node in a thread of its own as Kopilka runs it. */
import { startEventStoreThread } from '../../embedded/eventstore/startThread.js';
import { type PostgresConnection, startPostgres } from '../../embedded/postgres/startPostgres.js';
import { answerParent } from '../child.js';

const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: console.warn, error: console.error };
let close = async (): Promise<void> => {};

export interface StartedNode {
  readonly connectionString: string;
  /** Where the node's PostgreSQL is, by database; `log` is the node's own. */
  readonly postgres: Readonly<Record<'log' | 'beside', PostgresConnection>>;
}

const start = async ({ dataDir }: { readonly dataDir: string }): Promise<StartedNode> => {
  const postgres = await startPostgres({ dataDir, logger });
  close = () => postgres.stop();
  await postgres.ensureDatabase('log');
  await postgres.ensureDatabase('beside');
  const node = await startEventStoreThread({ postgres: postgres.connection('log'), logger });
  close = async () => {
    await node.stop();
    await postgres.stop();
  };
  return {
    connectionString: node.connectionString,
    postgres: { log: postgres.connection('log'), beside: postgres.connection('beside') },
  };
};

answerParent(start, () => close());
