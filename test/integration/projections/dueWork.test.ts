/** What is to be done lies among what is to be sent: it is found without reading all of that. */
import { expect } from 'chai';
import type pg from 'pg';
import { outbox } from '../../../projections/outbox/outbox.js';
import { dueBy, queuedRows, type WindowAsked } from '../../../projections/outbox/queries.js';
import type { Reader } from '../../../projections/pages.js';
import { createIndexes, createTables } from '../../../projections/schema.js';
import { startServer, type Server } from './database.js';

const schema = 'outbox_plan';
const sent = 20_000;
const window: WindowAsked = {
  ...{ tenant: 'demo', lane: 0, class: 'marketing', channel: 'sms', after: null, ready: 0 },
  ...{ send: 0, sendAfter: null, work: 200, workAfter: dueBy(0), sweep: 0 },
};

/** Explains what it is asked instead of answering it. */
const explaining = (pool: pg.Pool): { db: Reader; plans: string[] } => {
  const plans: string[] = [];
  const query = async ({ text, values }: { text: string; values: unknown[] }) => {
    const { rows } = await pool.query(`explain (analyze, buffers, costs off) ${text}`, values);
    plans.push(rows.map((row) => (row as Record<string, string>)['QUERY PLAN']).join('\n'));
    return { rows: [] };
  };
  return { db: { query } as unknown as Reader, plans };
};

describe('What is due in the queue', () => {
  let server: Server;
  before(async function () {
    this.timeout(60_000);
    server = await startServer();
  });
  after(() => server.stop());

  it('and to be done is found by an index of its own among thousands that are to be sent', async () => {
    const database = await server.database();
    const pool = database.pool();
    await createTables(pool, schema, outbox);
    await pool.query(`insert into ${schema}.lanes values ('demo', 0, 0)`);
    await pool.query(
      `insert into ${schema}.messages (tenant, message_id, lane, class, channel, status, state, revision, position, due_at)
        select 'demo', gen_random_uuid(), 0, 'marketing', 'sms', 'scheduled', '{}', 0, n, n from generate_series(1, $1::int) as n`,
      [sent],
    );
    await pool.query(
      `insert into ${schema}.scheduled (tenant, lane, class, message_id, channel, due_at, waits_for)
        select tenant, lane, class, message_id, channel, due_at, case when due_at % 5000 = 0 then 'work' else 'hold' end
        from ${schema}.messages`,
    );
    await createIndexes(pool, schema, outbox);
    const { db, plans } = explaining(pool);
    await queuedRows(db, [window], sent, schema);
    const [plan = ''] = plans;
    expect(plan).to.match(/using scheduled_work on scheduled.*rows=4[. ]/);
    const read = Number(/Buffers: shared hit=(\d+)/.exec(plan)?.[1]);
    expect(read).to.be.lessThan(60);
    await database.close();
  });
});
