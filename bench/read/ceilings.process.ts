/**
 * The node's own parts of a read, each alone and in one thread: paging through PostgreSQL, where the rows are dropped as they
 * arrive; the encoding of rows that are in memory already; and both, which is what the node does before it sends.
 */
import pg from 'pg';
import type { EventStoreOptions } from '../../embedded/eventstore/options.js';
import { BlockBuilder, blockLength } from '../../embedded/eventstore/log/block.js';
import { BY_INDEX } from '../../embedded/eventstore/log/connection.js';
import { copyRows } from '../../embedded/eventstore/log/copyRows.js';
import {
  locate,
  LogPages,
  pageQuery,
  type PageRequest,
} from '../../embedded/eventstore/log/pages.js';
import { answerParent } from '../child.js';
import type { ReadRate } from './read.process.js';
import type { Part } from './ways.js';

export interface CeilingPlan {
  readonly postgres: EventStoreOptions['postgres'];
  readonly part: Part;
  readonly eventsMax: number;
}

const rowsMax = 2_048;
const encodedRowsMax = 20_000;

const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: console.warn, error: console.error };

const pageFrom = (from: number): PageRequest => ({
  from,
  backwards: false,
  rowsMax,
  head: Number.MAX_SAFE_INTEGER,
  named: false,
});

let client: pg.Client | undefined;
const connected = async (postgres: CeilingPlan['postgres']): Promise<pg.Client> => {
  if (client) return client;
  client = new pg.Client(postgres);
  await client.connect();
  await client.query(BY_INDEX);
  return client;
};

const page = async ({ postgres, eventsMax }: CeilingPlan): Promise<number> => {
  const database = await connected(postgres);
  let events = 0;
  for (let next = 1, last = 0; events < eventsMax && last !== next;) {
    last = next;
    await copyRows(database, pageQuery(pageFrom(next)), (row, at) => {
      // The position is the first field: a length and eight bytes.
      next = row.readUInt32BE(at + 4) * 2 ** 32 + row.readUInt32BE(at + 8) + 1;
      events += 1;
    });
  }
  return events;
};

const rows: Buffer[] = [];
const remember = async ({ postgres }: CeilingPlan): Promise<void> => {
  if (rows.length > 0) return;
  const many = pageQuery({ ...pageFrom(1), rowsMax: encodedRowsMax });
  // Of one page no more than its bytes' limit comes; encoding the same rows again is as good.
  await copyRows(await connected(postgres), many, (row, at) => {
    rows.push(Buffer.from(row.subarray(at)));
  });
};

const encode = ({ eventsMax }: CeilingPlan): number => {
  let events = 0;
  while (events < eventsMax) {
    const block = new BlockBuilder(1_200_000);
    for (const row of rows) block.add(locate(row, 0));
    events += blockLength(block);
  }
  return events;
};

let pages: LogPages | undefined;
const readPages = async ({ postgres, eventsMax }: CeilingPlan): Promise<number> => {
  pages ??= new LogPages(postgres, logger);
  let events = 0;
  for (let next = 1; events < eventsMax;) {
    const block = await pages.read(pageFrom(next));
    if (blockLength(block) === 0) return events;
    events += blockLength(block);
    next = block.positions.at(-1)! + 1;
  }
  return events;
};

const measure = async (plan: CeilingPlan): Promise<ReadRate> => {
  if (plan.part === 'encoding') await remember(plan);
  const work = { paging: page, encoding: encode, both: readPages }[plan.part];
  const before = process.cpuUsage();
  const started = performance.now();
  const events = await work(plan);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { events, seconds, cpuSeconds: (user + system) / 1e6 };
};

answerParent(measure, async () => {
  await client?.end();
  await pages?.stop();
});
