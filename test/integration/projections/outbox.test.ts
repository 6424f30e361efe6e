/** How the queue of messages is read from tables that grow by tens of thousands while a statement and its plan are kept. */
import { expect } from 'chai';
import type pg from 'pg';
import { channels, messageClasses } from '../../../domain/message/kinds.js';
import { openProjection } from '../../../projections/open.js';
import { outbox } from '../../../projections/outbox/outbox.js';
import {
  type QueuedRow,
  queuedRows,
  type WindowAsked,
} from '../../../projections/outbox/queries.js';
import { type Database, type Server, startServer } from './database.js';

const grown = 20_000;
/** All windows of a lane, as they are read when it is taken over. */
const asked: readonly WindowAsked[] = messageClasses.flatMap((of) =>
  channels.map((channel) => ({
    ...{ tenant: 'demo', lane: 0, class: of, channel, after: null, ready: 500 },
    ...{ send: 200, sendAfter: null, work: 200, workAfter: null, sweep: 200 },
  })),
);

const fillFrom = (first: number, last: number): string => `
  insert into read.outbox_messages (tenant, message_id, lane, class, channel, status, state, request, revision, position)
    select 'demo', lpad(to_hex(n), 32, '0')::uuid, 0, 'marketing', 'email', 'accepted', '{}', null, -1, n
    from generate_series(${first}, ${last}) as n;
  insert into read.outbox_ready (tenant, lane, class, channel, position, message_id, since, until)
    select 'demo', 0, 'marketing', 'email', n, lpad(to_hex(n), 32, '0')::uuid, 0, 9e15
    from generate_series(${first}, ${last}) as n`;

describe('the queue of messages in PostgreSQL', function () {
  this.timeout(120_000);
  let server: Server;
  let database: Database;
  let pool: pg.Pool;

  before(async () => {
    server = await startServer();
    database = await server.database();
    // As the sender has it.
    pool = database.pool({ byIndex: true });
    await openProjection(pool, outbox);
  });
  after(async () => {
    await database.close();
    await server.stop();
  });

  it('is read in its order, as fast as before where it has grown since the statement was planned', async () => {
    await pool.query(`insert into read.outbox_lanes values ('demo', 0, -1)`);
    await pool.query(fillFrom(1, 1));
    await pool.query('analyze');
    const client = await pool.connect();
    try {
      const read = (): Promise<QueuedRow[]> => queuedRows(client as unknown as pg.Pool, asked, 1);
      for (let i = 0; i < 10; i += 1) expect(await read()).to.have.length(1);
      await pool.query(fillFrom(2, grown));
      const began = performance.now();
      const rows = await read();
      // A plan that goes through all messages for each row took 29 seconds.
      expect(performance.now() - began).to.be.below(6_000);
      expect(rows.map(({ position }) => Number(position))).to.eql(
        Array.from({ length: 500 }, (_, index) => index + 1),
      );
    } finally {
      client.release();
    }
  });
});
