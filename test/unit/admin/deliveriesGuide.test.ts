/** The guide to deliveries, sent as it is written, after three attempts of which one failed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { deliveryRoutes } from '../../../api/exchange/deliveries.js';
import { createDeliveryOrders } from '../../../commands/delivery/ordering.js';
import { webhookIdOf } from '../../../commands/delivery/webhookId.js';
import type { Attempt } from '../../../domain/delivery/events.js';
import type { TenantId } from '../../../domain/ids.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { now } from '../api/testApi.js';
import { answered, type Method, openSubscriptionShop, origin } from './subscriptionShop.js';

const guide = readFileSync(join(packageRoot, 'docs/guides/deliveries.md'), 'utf8');
const steps =
  /```http\n(?<method>\w+) (?<path>\S+)\n(?<body>[\s\S]*?)```(?:\n```json\n(?<answer>[\s\S]*?)```)?/g;
const stream = 'deliveries-demo.sub_cars1';

const attemptOf = (place: number, outcome: 'delivered' | 'retry'): Attempt => ({
  ...{ webhookId: webhookIdOf(stream, [place]), places: [place], ids: ['a'], attempt: 1, outcome },
  ...{ cause: 'first', startedAt: now, ms: 12 },
  request: { url: 'https://bank.example/hooks/cars', headers: [], bytes: 90 },
  ...(outcome === 'delivered'
    ? { status: 200 }
    : { status: 503, next: now + 5_000, error: { code: 'status', text: '503' } }),
});

describe('the guide to deliveries', () => {
  it('does as it says', async () => {
    const { shop, send, publish } = await openSubscriptionShop(
      () => answered(200, { 'webhook-allowed-origin': origin }),
      (handler, log) => [
        ...deliveryRoutes({
          orders: createDeliveryOrders({
            ...{ log, directory: handler.directory, snapshots: { load: async () => null } },
            lastRevision: async (name) => (await log.read(name, 0, 99)).at(-1)?.revision ?? null,
          }),
        }),
      ],
    );
    await publish(6);
    const order = {
      ...{ subscriptionId: 'sub_cars1', topicId: 'cars_chosen' },
      ...{ endpoint: { url: 'https://bank.example/hooks/cars' } },
      from: { kind: 'place', after: null },
    };
    await send('post', '/exchange/v1/subscriptions', order).expect(201);
    const metadata = {
      ...{ tenant: 'demo' as TenantId, actor: { kind: 'worker' as const, id: 'x' } },
      ...{ correlationId: '', causationId: '', commandId: '', fingerprint: '' },
      ...{ occurredAt: new Date(now).toISOString(), schemaVersion: 1 },
    };
    const attempts = [attemptOf(0, 'delivered'), attemptOf(1, 'delivered'), attemptOf(3, 'retry')];
    const ranges = [{ first: 2, last: 2, reason: 'filtered' }];
    await shop.log.append(stream, 'any', [
      { id: 'e1', type: 'DeliveriesAttempted', data: { attempts }, metadata },
      { id: 'e2', type: 'DeliveriesPassed', data: { ranges }, metadata },
    ]);

    const idOf = (name: string): string => webhookIdOf(stream, [name === 'WAITING' ? 3 : 0]);
    let job = '';
    const statuses: number[] = [];
    for (const { groups = {} } of guide.matchAll(steps)) {
      const { method = '', path = '', body = '', answer = '{}' } = groups;
      const named = path.replace('JOB', job).replace(/WAITING|ARRIVED/, idOf);
      const given = body.trim() ? (JSON.parse(body) as object) : undefined;
      const reply = await send(method.toLowerCase() as Method, named, given);
      expect(reply.body, `${method} ${named}: ${reply.text}`).to.containSubset(
        JSON.parse(answer.replace(/WAITING|ARRIVED/g, idOf)),
      );
      statuses.push(reply.status);
      job = (reply.body as { job?: string }).job ?? job;
    }
    expect(statuses).to.deep.equal([200, 202, 202, 202, 200, 202, 200, 200, 200, 200]);

    const base = '/exchange/v1/subscriptions/sub_cars1';
    const unknown = `${base}/deliveries/msg_${'x'.repeat(22)}/retry`;
    expect((await send('post', unknown, {})).body).to.include({ code: 'delivery-not-found' });
    const open = `${base}/deliveries/${webhookIdOf(stream, [5])}/retry`;
    expect((await send('post', open, { places: [5] })).body).to.include({
      code: 'delivery-not-found',
    });
    const skip = (place: number) =>
      send('post', `${base}/deliveries/${webhookIdOf(stream, [place])}/skip`, {});
    const repeated = await skip(3);
    expect(repeated.status).to.equal(202);
    expect(repeated.body).to.deep.include({ places: [3] });
    expect((await skip(1)).body).to.include({ code: 'delivery-not-found' });
    const { body: state } = await send('get', `${base}/state`);
    expect(state).to.containSubset({
      waiting: { count: 1, first: [{ places: [0] }] },
      counts: { passed: 2 },
    });
    const again = await send('post', `${base}/replays/${job}/resume`);
    expect(again.body).to.include({ code: 'replay-over' });
    const beyond = { from: { place: 9 } };
    expect((await send('post', `${base}/replays`, beyond)).body).to.include({
      code: 'nothing-to-replay',
    });
    const since = { from: { time: new Date(now + 1_000).toISOString() }, preview: true };
    expect((await send('post', `${base}/replays`, since)).body).to.include({ deliveries: 0 });
    await shop.close();
  });
});
