/** A page costs what it returns, however much of the log lies beyond it, and before PostgreSQL has any statistics. */
import { expect } from 'chai';
import { silentLogger } from '../../../embedded/eventstore/options.js';
import { closeClient, openWriter } from '../../../embedded/eventstore/log/connection.js';
import { pageQuery, type PageRequest } from '../../../embedded/eventstore/log/pages.js';
import { newDatabase } from './postgres.js';

const rows = 20_000;
const fill = `
  INSERT INTO eventstore.events
    (position, revision, created_ms, event_id, is_json, stream, type, data, metadata)
  SELECT n, n, 1, gen_random_uuid(), true, 'long', 'T', convert_to(repeat('x', 200), 'UTF8'), ''
  FROM generate_series(1, ${rows}) AS n`;

const page: PageRequest = {
  from: 100,
  backwards: false,
  rowsMax: 50,
  head: rows,
  named: false,
};

describe('a page of a log that has just grown', function () {
  this.timeout(120_000);

  it('is read along an index, without a look at what lies beyond', async () => {
    const { client } = await openWriter(await newDatabase(), 1_000, silentLogger);
    try {
      await client.query(fill);
      const pages: PageRequest[] = [
        page,
        { ...page, from: rows, backwards: true },
        { ...page, stream: 'long' },
        { ...page, stream: 'long', from: Number.MAX_SAFE_INTEGER, backwards: true },
      ];
      for (const request of pages) {
        const { rows: lines } = await client.query<{ 'QUERY PLAN': string }>(
          `EXPLAIN (ANALYZE, COSTS off, TIMING off, BUFFERS off) ${pageQuery(request)}`,
        );
        const plan = lines.map((line) => line['QUERY PLAN']).join('\n');
        expect(plan).to.match(/Index Scan .*rows=50(\.00)? /s);
        expect(plan).not.to.match(/\bSort\b|Bitmap|Seq Scan/);
      }
    } finally {
      await closeClient(client);
    }
  });
});
