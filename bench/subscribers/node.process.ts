/** The node in the main thread of a process of its own, so that the heap it reports is the node's and nothing else. */
import type { RunningEventStore } from '../../embedded/eventstore/options.js';
import { startEventStore } from '../../embedded/eventstore/startEventStore.js';
import { startPostgres } from '../../embedded/postgres/startPostgres.js';
import { answerParent } from '../child.js';
import { type MemoryUsed, memoryUsed } from './probe.js';

export type NodeQuestion = { readonly dataDir: string } | { readonly memory: true };

const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: console.warn, error: console.error };
let close = async (): Promise<void> => {};

const start = async (dataDir: string): Promise<string> => {
  const postgres = await startPostgres({ dataDir, logger });
  close = () => postgres.stop();
  await postgres.ensureDatabase('log');
  const node: RunningEventStore = await startEventStore({
    postgres: postgres.connection('log'),
    logger,
  });
  close = async () => {
    await node.stop();
    await postgres.stop();
  };
  return node.connectionString;
};

const answer = async (question: NodeQuestion): Promise<string | MemoryUsed> =>
  'memory' in question ? memoryUsed() : start(question.dataDir);

answerParent(answer, () => close());
