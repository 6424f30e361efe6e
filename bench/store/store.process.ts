/** A store of a given size: filled straight by COPY, as an import does, and later started as Kopilka starts it. */
import { randomUUID } from 'node:crypto';
import type { LoggedEvent } from '../../embedded/eventstore/archive/eventLine.js';
import { startEventStoreThread } from '../../embedded/eventstore/startThread.js';
import { openAsWriter } from '../../embedded/eventstore/tools/connection.js';
import { insertEvents } from '../../embedded/eventstore/tools/eventRows.js';
import {
  type EmbeddedPostgres,
  type PostgresConnection,
  startPostgres,
} from '../../embedded/postgres/startPostgres.js';
import { smallEvent } from '../append/sampleEvents.js';
import { answerParent } from '../child.js';

export interface FillPlan {
  readonly ask: 'fill';
  readonly dataDir: string;
  readonly events: number;
  /** Its events stand evenly over the whole log. */
  readonly wanted: { readonly stream: string; readonly events: number };
}

export interface StartPlan {
  readonly ask: 'start';
  readonly dataDir: string;
}

const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: console.warn, error: console.error };
const batch = 5_000;
const otherStreams = 20_000;
let close = async (): Promise<void> => {};

const openPostgres = async (dataDir: string): Promise<EmbeddedPostgres> => {
  const postgres = await startPostgres({ dataDir, logger });
  close = () => postgres.stop();
  await postgres.ensureDatabase('log');
  return postgres;
};

const data = Buffer.from(JSON.stringify(smallEvent.data));
const metadata = Buffer.from(smallEvent.metadata);

/** The events of the log in order: every so many belongs to the stream that is read later. */
function* eventsOf({ events, wanted }: FillPlan): Generator<LoggedEvent> {
  const every = Math.max(1, Math.floor(events / wanted.events));
  const revisions = new Map<string, number>();
  for (let position = 1; position <= events; position += 1) {
    const stream = position % every === 0 ? wanted.stream : `filled-${position % otherStreams}`;
    const revision = revisions.get(stream) ?? 0;
    revisions.set(stream, revision + 1);
    const createdMs = 1_714_817_472_345 + position;
    const event = { position, stream, revision, createdMs, type: smallEvent.type, data, metadata };
    yield { ...event, id: randomUUID(), isJson: true };
  }
}

const fill = async (plan: FillPlan): Promise<number> => {
  const started = performance.now();
  const postgres = await openPostgres(plan.dataDir);
  await write(postgres.connection('log'), plan);
  await postgres.stop();
  return (performance.now() - started) / 1000;
};

const write = async (connection: PostgresConnection, plan: FillPlan): Promise<void> => {
  const client = await openAsWriter(connection, 'fill', 0);
  await client.query('SET synchronous_commit = off');
  let rows: LoggedEvent[] = [];
  for (const event of eventsOf(plan)) {
    rows.push(event);
    if (rows.length < batch) continue;
    await insertEvents(client, rows);
    rows = [];
  }
  await insertEvents(client, rows);
  await client.query('VACUUM (ANALYZE) eventstore.events');
  await client.query('CHECKPOINT');
  await client.end();
};

const start = async ({ dataDir }: StartPlan): Promise<string> => {
  const postgres = await openPostgres(dataDir);
  const node = await startEventStoreThread({ postgres: postgres.connection('log'), logger });
  close = async () => {
    await node.stop();
    await postgres.stop();
  };
  return node.connectionString;
};

answerParent(
  async (plan: FillPlan | StartPlan) => (plan.ask === 'fill' ? fill(plan) : start(plan)),
  () => close(),
);
