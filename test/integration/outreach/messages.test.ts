/**
 * Messages in the whole product, from the request to the sandbox: asked after before there is a queue, taken back and moved while it works,
 * and asked for again after the process was killed.
 */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import pg from 'pg';
import { type Cleanup, createCleanup } from '../../../bench/cleanup.js';
import { type Product, startProduct } from '../../../bench/product/product.js';
import { eventually } from '../../unit/workers/eventually.js';

type Json = Record<string, unknown>;
const path = '/outreach/v1/messages';

const sms = (more: object = {}) => ({
  class: 'transactional',
  recipient: { phone: '+371 2612 3456' },
  channel: 'sms',
  text: { text: 'Your parcel is here.' },
  ...more,
});

describe('messages in the product', function () {
  this.timeout(180_000);
  const faults: unknown[] = [];
  let cleanup: Cleanup;
  let product: Product;
  let owner = '';
  let dataDir = '';

  const send = async (method: string, to: string, body?: unknown, key: string = randomUUID()) => {
    const response = await fetch(`${product.url}${to}`, {
      method,
      headers: {
        ...(owner === '' ? {} : { authorization: `Bearer ${owner}` }),
        'idempotency-key': key,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    return { status: response.status, body: (await response.json()) as Json };
  };
  const done = async (...call: Parameters<typeof send>): Promise<Json> => {
    const { status, body } = await send(...call);
    expect(status, `${call[0]} ${call[1]}: ${JSON.stringify(body)}`).to.be.below(300);
    return body;
  };
  const ask = async (more: object = {}, key?: string): Promise<string> =>
    String((await done('POST', path, sms(more), key))['messageId']);
  const stateOf = (messageId: string, minPosition?: unknown) =>
    done('GET', `${path}/${messageId}${minPosition ? `?minPosition=${String(minPosition)}` : ''}`);
  const untilStatus = async (messageId: string, status: string): Promise<Json> => {
    const giveUpAt = performance.now() + 60_000;
    for (;;) {
      const state = await stateOf(messageId);
      if (state['status'] === status) return state;
      if (performance.now() > giveUpAt) throw new Error(`still ${JSON.stringify(state)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const start = async (): Promise<void> => {
    product = await startProduct({ dataDir, cleanup });
    owner = '';
    const { login, password } = product.operator;
    const logon = await done('POST', '/pos/v1/logon', { tenant: 'demo', login, password });
    owner = String(logon['token']);
  };
  const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

  before(async () => {
    cleanup = createCleanup((error) => faults.push(error));
    dataDir = cleanup.folder('messages');
    await start();
  });
  after(async () => {
    await cleanup.run();
    expect(faults).to.deep.equal([]);
  });

  it('are known as soon as they are accepted, also the very first', async () => {
    const messageId = await ask({ notBefore: inHours(2) }, 'first');
    const state = await stateOf(messageId);
    expect(state).to.deep.include({ messageId, status: 'scheduled', attempts: [] });
    // The queue begins with it: until then whoever wants its word is asked to come again.
    const wanted = `${path}/${messageId}?minPosition=${String(state['position'])}`;
    let known = await send('GET', wanted);
    for (let tries = 0; known.status === 503 && tries < 12; tries += 1) {
      expect(known.body).to.include({ code: 'position-not-reached' });
      known = await send('GET', wanted);
    }
    expect(known.body).to.include({ status: 'scheduled', class: 'transactional' });
  });

  it('arrive, and say so with what proves it', async () => {
    await done('POST', '/admin/v1/outreach/providers', {
      ...{ providerId: 'sms_try', kind: 'sandbox', channel: 'sms', concurrency: 4 },
      settings: { receipts: { afterMs: 50, status: 'delivered' } },
    });
    const state = await untilStatus(await ask(), 'delivered');
    expect(state).to.include({ reason: 'delivered', lateReceipts: 0, deliveredTwice: false });
    const [attempt] = state['attempts'] as Json[];
    expect(attempt).to.include({ outcome: 'submitted', receipt: 'delivered', channel: 'sms' });
  });

  /** Who sends each lane. */
  const senders = async (): Promise<Map<number, string>> => {
    const db = new pg.Client({ connectionString: product.postgresUrl });
    await db.connect();
    try {
      const { rows } = await db.query<{ lane: number; owner: string }>(
        `select lane, owner from kopilka.outreach_leases where held_until > now()`,
      );
      return new Map(rows.map(({ lane, owner }) => [lane, owner]));
    } finally {
      await db.end();
    }
  };

  it('go from a lane and a thread of their own where they are one-time passwords', async () => {
    await untilStatus(await ask({ class: 'otp' }), 'delivered');
    let owners = await senders();
    // A lease may have ended on a busy machine: it is taken again.
    await eventually(async () => {
      owners = await senders();
      expect([...owners.keys()]).to.have.members([0, 64]);
    }, 60_000);
    const [usual = '', urgent = ''] = [owners.get(0), owners.get(64)];
    expect(usual).to.not.equal(urgent);
    expect(usual.split('/')[0], 'of one process').to.equal(urgent.split('/')[0]);
  });

  it('are taken back and moved while nothing of them was sent, and too late afterwards', async () => {
    const later = { notBefore: inHours(2) };
    const [taken, moved] = [await ask(later), await ask(later)];
    const cancelled = await done('POST', `${path}/${taken}/cancel`, { reason: 'withdrawn' });
    expect(cancelled).to.include({ outcome: 'cancelled', status: 'cancelled' });
    const known = await stateOf(taken, cancelled['position']);
    expect(known).to.include({ status: 'cancelled', reason: 'withdrawn' });
    const now = { notBefore: new Date().toISOString() };
    expect(await done('POST', `${path}/${moved}/reschedule`, now)).to.include({
      outcome: 'rescheduled',
    });
    await untilStatus(moved, 'delivered');
    expect(await done('POST', `${path}/${moved}/cancel`, {})).to.include({
      ...{ outcome: 'too-late', status: 'delivered' },
    });
  });

  it('are those of a batch too, each once, also after the process was killed', async () => {
    const messages = Array.from({ length: 300 }, (_, i) =>
      sms({ recipient: { phone: `+371261${10_000 + i}` }, reference: `${i}` }),
    );
    const first = await done('POST', path, { messages }, 'batch');
    expect(first).to.include({ accepted: 300, refused: 0 });
    await product.kill();
    await start();
    const again = await done('POST', path, { messages }, 'batch');
    const ids = (answer: Json) =>
      (answer['items'] as Json[]).map(({ messageId }) => String(messageId));
    expect(ids(again)).to.deep.equal(ids(first));
    expect((again['items'] as Json[]).every(({ repeated }) => repeated === true)).to.equal(true);
    const other = await send('POST', path, sms({ class: 'otp' }), 'first');
    expect(other.body).to.include({ code: 'idempotency-key-reused' });
    const last = ids(first).at(-1) ?? '';
    const content = await done('GET', `${path}/${last}/content`);
    expect(content).to.deep.include({ addresses: { phone: '+37126110299' } });
  });
});
