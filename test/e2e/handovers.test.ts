/**
 * Who got it, proved by the product as its user starts it: one partner pulls, one streams, one has it delivered, one only could have seen
 * it. The process is killed right after it handed something over, and the proof still lists exactly who got what.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createCleanup } from '../../bench/cleanup.js';
import { type Product, startProduct } from '../../bench/product/product.js';
import { openEventReader } from '../unit/exchange/eventSource.js';

type Json = Record<string, unknown>;
interface Item {
  readonly place: number;
}
interface Proof {
  readonly subscriptions: readonly { readonly partnerId: string; readonly outcome: string }[];
  readonly handovers: {
    readonly items: readonly { readonly partnerId: string; readonly way: string }[];
  } | null;
}

describe('the proof of who got it', function () {
  this.timeout(180_000);
  const faults: unknown[] = [];
  const cleanup = createCleanup((error) => faults.push(error));
  const dataDir = cleanup.folder('handovers');
  const tokens = new Map<string, string>();
  let product: Product;
  let operator = '';
  const topic = '/exchange/v1/topics/cars_chosen';

  const send = async (path: string, token: string, body?: object): Promise<Json> => {
    const key = randomUUID();
    const ask = (): Promise<Response> =>
      fetch(`${product.url}${path}`, {
        method: body ? 'POST' : 'GET',
        headers: {
          authorization: `Bearer ${token}`,
          'idempotency-key': key,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(20_000),
      });
    let response = await ask();
    const giveUpAt = performance.now() + 20_000;
    // What is searched is not there yet just after a start.
    while (response.status === 503 && performance.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      response = await ask();
    }
    const answer = (await response.json()) as Json;
    expect(response.ok, `${path}: ${JSON.stringify(answer)}`).to.equal(true);
    return answer;
  };
  const of = (partnerId: string): string => tokens.get(partnerId) ?? '';
  const start = async (): Promise<void> => {
    const env = { KOPILKA_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8' };
    product = await startProduct({ dataDir, cleanup, env });
    const response = await fetch(`${product.url}/pos/v1/logon`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tenant: 'demo', ...product.operator }),
    });
    operator = ((await response.json()) as { token: string }).token;
  };
  const publish = async (id: string): Promise<void> => {
    const event = { specversion: '1.0', id, source: '/s', type: 'car.chosen' };
    const response = await fetch(`${product.url}${topic}/publications`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${of('motor_house')}`,
        'content-type': 'application/cloudevents+json',
      },
      body: JSON.stringify(event),
    });
    expect(response.status).to.equal(201);
  };
  const pull = async (partnerId: string, query: string): Promise<number[]> => {
    const { items } = await send(`${topic}/publications?${query}`, of(partnerId));
    return (items as Item[]).map(({ place }) => place);
  };
  const stream = async (partnerId: string, after: string, count: number): Promise<number[]> => {
    const url = `${product.url}${topic}/stream?after=${after}`;
    const reader = await openEventReader(url, of(partnerId));
    const events = await reader.take(count);
    reader.close();
    return events.map(({ lastEventId }) => Number(lastEventId));
  };
  /** Partner and way, of all who got it; null where that is not known at the moment, as just after a start. */
  const whoGot = async (place: number): Promise<string[] | null> => {
    const path = `${topic}/publications/${place}/recipients`;
    const proof = (await send(path, of('motor_house'))) as unknown as Proof;
    if (proof.handovers === null) return null;
    return [
      ...proof.subscriptions
        .filter(({ outcome }) => outcome === 'delivered')
        .map(({ partnerId }) => `${partnerId} webhook`),
      ...proof.handovers.items.map(({ partnerId, way }) => `${partnerId} ${way}`),
    ].sort();
  };
  const eventually = async (place: number, wanted: readonly string[]): Promise<void> => {
    const giveUpAt = performance.now() + 20_000;
    for (;;) {
      const got = await whoGot(place);
      if (got?.join() === wanted.join() || performance.now() > giveUpAt) {
        return void expect(got, `place ${place}`).to.deep.equal(wanted);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  before(async () => {
    await start();
    for (const partnerId of ['motor_house', 'puller', 'streamer', 'hooked', 'idle']) {
      await send('/admin/v1/partners', operator, { partnerId, name: partnerId });
      const path = `/admin/v1/partners/${partnerId}/credentials`;
      tokens.set(partnerId, (await send(path, operator, { label: 'x' }))['token'] as string);
    }
    const about = { name: 'Cars', description: '', classification: 'open' };
    const created = { topicId: 'cars_chosen', owner: 'motor_house', ...about };
    await send('/admin/v1/topics', operator, created);
    for (const partnerId of ['puller', 'streamer', 'hooked', 'idle']) {
      const response = await fetch(
        `${product.url}/admin/v1/topics/cars_chosen/grants/${partnerId}`,
        {
          method: 'PUT',
          headers: {
            authorization: `Bearer ${operator}`,
            'content-type': 'application/json',
            'idempotency-key': randomUUID(),
          },
          body: JSON.stringify({ history: 'all' }),
        },
      );
      expect(response.ok).to.equal(true);
    }
  });
  after(async () => {
    await cleanup.run();
    expect(faults, 'faults of the clean-up').to.deep.equal([]);
  });

  it('lists exactly who was handed it, by webhook, pull, stream or search, also after the process was killed', async () => {
    const endpoint = createServer((call, response) => {
      response.setHeader('webhook-allowed-origin', '*');
      call.resume().on('end', () => response.writeHead(204).end());
    }).listen(0, '127.0.0.1');
    cleanup.add(() => void endpoint.close());
    await once(endpoint, 'listening');
    const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/hooks`;
    await publish('a');
    const order = { topicId: 'cars_chosen', endpoint: { url } };
    await send('/exchange/v1/subscriptions', of('hooked'), {
      ...{ ...order, subscriptionId: 'sub_hooked', from: { kind: 'place', after: 0 } },
    });
    for (const id of ['b', 'c', 'd']) await publish(id);

    expect(await pull('puller', 'limit=2')).to.deep.equal([0, 1]);
    expect(await stream('streamer', '0', 3)).to.deep.equal([1, 2, 3]);
    await eventually(3, ['hooked webhook', 'streamer stream']);
    // Handed over, and at once dead: the record was there before the answer.
    expect(await pull('puller', 'after=2')).to.deep.equal([3]);
    await product.kill();
    await start();

    await eventually(0, ['puller pull']);
    await eventually(1, ['hooked webhook', 'puller pull', 'streamer stream']);
    await eventually(2, ['hooked webhook', 'streamer stream']);
    await eventually(3, ['hooked webhook', 'puller pull', 'streamer stream']);

    const found = await send(`${topic}/search?id=a`, of('streamer'));
    expect((found['items'] as Item[]).map(({ place }) => place)).to.deep.equal([0]);
    await eventually(0, ['puller pull', 'streamer search']);
    // Its owner reads what is its own.
    expect(await pull('motor_house', 'limit=10')).to.have.length(4);
    await eventually(0, ['puller pull', 'streamer search']);

    const paths = ['/admin/v1/topics/cars_chosen', topic];
    const [byOperator, byOwner] = await Promise.all(
      paths.map((path, i) =>
        send(`${path}/publications/0/handovers`, i === 0 ? operator : of('motor_house')),
      ),
    );
    expect(byOperator).to.deep.equal(byOwner);
    expect(byOwner).to.include({ place: 0, next: null, knownFrom: null });
    const recorded = byOwner?.['items'] as { firstAt: string; credentialId: string }[];
    expect(recorded).to.have.length(2);
    expect(Date.parse(recorded[0]?.firstAt ?? '')).to.be.at.least(
      Date.parse(String(byOwner?.['publishedAt'])),
    );
    expect(recorded[0]?.credentialId).to.match(/^[a-z0-9]{4,40}$/);
  });
});
