/** A log that holds text which PostgreSQL cannot store, recorded when nothing refused it yet. */
import { jsonEvent } from '@eventstore/db-client';
import { expect } from 'chai';
import type { TenantId } from '../../../domain/ids.js';
import { eventDefinitions } from '../../../domain/registry.js';
import { connect, disconnect } from '../../../platform/eventstore/client.js';
import { createCodec } from '../../../platform/eventstore/codec.js';
import { createHistory } from '../../../platform/eventstore/history.js';
import { allProjections } from '../../../projections/all.js';
import { readCheckpoints } from '../../../projections/checkpoints.js';
import { startProjections } from '../../../projections/runner.js';
import { verify } from '../../../projections/verify.js';
import { eventually, factOf, type OwnLog, silent, startOwnLog } from '../ownLog.js';

const tenant = 'demo' as TenantId;
const half = '\ud800';
const face = '\u{1f600}';
const merchant = { merchantId: 1, name: `Corner\0shop ${face}`, timeZone: 'Europe/London' };
const segment = {
  segmentId: 'red',
  name: 'Who buys red',
  definition: { kind: 'dynamic', when: { kind: 'category', categories: [`re${half}d`, 'pink'] } },
};
const purchase = {
  ...{ purchaseId: '536365', merchantId: 1, pointOfSaleId: 10, tillId: 'till1', currency: 'GBP' },
  ...{ lines: [{ position: 1, productId: '8\0', quantity: 1000, price: 255, amount: 255 }] },
  ...{ total: 255, offline: false },
};

describe('read models of a log that holds text which PostgreSQL cannot store', function () {
  this.timeout(120_000);
  let own: OwnLog;
  let client: ReturnType<typeof connect>;

  before(async () => {
    own = await startOwnLog();
    client = connect(own.settings.connectionString);
  });
  after(async () => {
    await disconnect(client);
    await own.stop();
  });

  /** Past the codec, which mends it by now. */
  const recorded = async (stream: string, type: string, data: object): Promise<void> => {
    const { id, metadata } = factOf(tenant, type, data);
    const { correlationId, causationId, ...rest } = metadata;
    const stored = { ...rest, $correlationId: correlationId, $causationId: causationId };
    const event = jsonEvent({ id, type, data: data as never, metadata: stored as never });
    await client.appendToStream(stream, [event]);
  };

  it('have a mark in place of such characters and all else as it is, where the history shows what was recorded', async () => {
    await recorded('merchant-demo.1', 'MerchantRegistered', merchant);
    await recorded('segment-demo.red', 'SegmentDefined', segment);
    await recorded('sales-demo.till1', 'AnonymousPurchaseConfirmed', purchase);
    await own.append(tenant, 'merchant-demo.2', 'MerchantRegistered', {
      ...merchant,
      merchantId: 2,
      name: 'Two',
    });
    const { feed, pool } = own;
    const stopping = new AbortController();
    const { signal } = stopping;
    const running = startProjections({ feed, pool, logger: silent, signal });
    try {
      const head = (await feed.head()) ?? 0n;
      await eventually('all of them are there', async () => {
        const reached = await readCheckpoints(pool);
        return (
          reached.length === allProjections.length &&
          reached.every(({ position }) => position >= head)
        );
      });
      const rows = async (sql: string) => (await pool.query<object>(sql)).rows;
      expect(await rows('select name from read.merchants order by merchant_id')).to.deep.equal([
        { name: `Corner\ufffdshop ${face}` },
        { name: 'Two' },
      ]);
      expect(await rows('select definition from read.segments')).to.deep.equal([
        {
          definition: {
            kind: 'dynamic',
            when: { kind: 'category', categories: ['re\ufffdd', 'pink'] },
          },
        },
      ]);
      expect(await rows('select product_id, amount from read.purchase_lines')).to.deep.equal([
        { product_id: '8\ufffd', amount: 255n },
      ]);
      for (const projection of allProjections) {
        const { differences } = await verify({ feed, pool, projection, signal });
        expect(differences, projection.name).to.deep.equal([]);
      }
      const history = createHistory(client, createCodec(eventDefinitions));
      const all = { direction: 'forwards', from: null, limit: 10 } as const;
      const { facts } = await history.stream('merchant-demo.1', all);
      expect(facts.map(({ data }) => data)).to.deep.equal([merchant]);
    } finally {
      stopping.abort();
      await running.stopped;
    }
  });
});
