/**
 * The thread of policies: its own client of the log and its own connections, so that receipts that become messages are read and written
 * beside the tills.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { eventDefinitions } from '../../domain/registry.js';
import { forwardLog } from '../../embedded/thread/forwardLog.js';
import { lowerPriority } from '../../embedded/thread/lowerPriority.js';
import { nameThread } from '../../embedded/thread/nameThread.js';
import type { MadeOf } from '../../workers/outreach/policies/messaging.js';
import { connect, createLog, disconnect } from '../eventstore/client.js';
import { createCodec } from '../eventstore/codec.js';
import { createFeed } from '../eventstore/feed.js';
import { createPool } from '../postgres/pool.js';
import { runPolicies } from './policies.js';
import type { FromPolicies, PoliciesSettings } from './policiesThread.js';

nameThread('policies');
lowerPriority('last');

const { connectionString, postgres } = workerData as PoliciesSettings;
const port = parentPort;
if (!port) throw new Error('policies.thread.ts runs in a worker thread only');
const tell = (message: FromPolicies): void => port.postMessage(message);
const logger = forwardLog(tell);

const client = connect(connectionString);
const codec = createCodec(eventDefinitions);
const feed = createFeed(client, codec, (error, attempt) =>
  logger.warn({ err: error, attempt }, 'a subscription of the policies was interrupted'),
);
const pool = createPool(postgres, {
  applicationName: 'kopilka-policies',
  max: 4,
  onIdleError: (error) => logger.warn({ err: error }, 'a connection of the policies broke'),
});

const onMade = ({ tenant, policyId, trigger, accepted, repeated, refused }: MadeOf): void => {
  const count = (result: 'accepted' | 'repeated' | 'refused', many: number): void => {
    if (many > 0) tell({ kind: 'made', trigger, result, count: many });
  };
  count('accepted', accepted);
  count('repeated', repeated);
  for (const [code, many] of refused) {
    count('refused', many);
    logger.warn({ tenant, policyId, code, count: many }, 'a policy could not make its messages');
  }
};

const stopping = new AbortController();
port.once('message', () => stopping.abort());
await runPolicies(
  {
    log: createLog(client, codec),
    feed,
    pool,
    now: Date.now,
    onMade,
    onFailed: (error) => logger.warn({ err: error }, 'policies met trouble, and try again'),
  },
  stopping.signal,
);
await pool.end();
await disconnect(client);
process.exit(0);
