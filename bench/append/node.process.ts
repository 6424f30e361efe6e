/** The embedded event store alone: its PostgreSQL, and the node in a thread of its own as Kopilka runs it. */
import { startEventStoreThread } from '../../embedded/eventstore/startThread.js';
import { startPostgres } from '../../embedded/postgres/startPostgres.js';
import { answerParent } from '../child.js';

const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: console.warn, error: console.error };
let close = async (): Promise<void> => {};

const start = async ({ dataDir }: { readonly dataDir: string }): Promise<string> => {
  const postgres = await startPostgres({ dataDir, logger });
  close = () => postgres.stop();
  await postgres.ensureDatabase('log');
  const node = await startEventStoreThread({ postgres: postgres.connection('log'), logger });
  close = async () => {
    await node.stop();
    await postgres.stop();
  };
  return node.connectionString;
};

answerParent(start, () => close());
