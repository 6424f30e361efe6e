/** A dealer who publishes to a topic over HTTP, and a bank that may read it: a shop of their own for every test. */
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { partnerRoutes } from '../../../api/admin/partners.js';
import { publishingAdminRoutes } from '../../../api/admin/publishing.js';
import { topicRoutes } from '../../../api/admin/topics.js';
import { publishingRoutes } from '../../../api/exchange/publishing.js';
import { exchangeRoutes } from '../../../api/exchange/routes.js';
import { createArrivals } from '../../../commands/publication/arrivals.js';
import { createPull } from '../../../commands/publication/pull.js';
import { createReveal } from '../../../commands/publication/reveal.js';
import { openPublishing } from '../../../platform/compose/publishing.js';
import type { Logger } from '../../../platform/logging.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { now } from '../api/testApi.js';
import { joinPartner } from '../api/partnerDesk.js';
import { openTestShop, type TestShop } from '../api/testShop.js';
import { recordedIn } from './recorded.js';

export type Json = Record<string, unknown>;
export const topic = '/exchange/v1/topics/cars';

/** For supertest: what came, whatever it is. */
export const asText = (
  response: request.Response,
  done: (error: Error | null, body: unknown) => void,
): void => {
  let text = '';
  response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  response.on('end', () => done(null, text));
};

export const v1 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['brand'],
  properties: { brand: { type: 'string', minLength: 1 }, price: { type: 'number', minimum: 0 } },
};

export const event = (id: string, data: unknown = { brand: 'Lada' }, more: object = {}) => ({
  specversion: '1.0',
  id,
  source: '/sites/dealer',
  type: 'car.chosen',
  data,
  ...more,
});

/** Opens the shop before each test of the suite that calls it, and closes it after. */
export const publisher = () => {
  let shop: TestShop;
  let dealer = '';
  let bank = '';

  const send = (method: 'get' | 'post' | 'put', path: string, body?: unknown, token = dealer) => {
    const call = request(shop.app)
      [method](path)
      .set('authorization', `Bearer ${token}`)
      .set('idempotency-key', randomUUID());
    return body === undefined ? call : call.send(body as object);
  };
  const admin = (method: 'get' | 'post' | 'put', path: string, body?: object) =>
    send(method, `/admin/v1${path}`, body, shop.owner);
  const join = async (partnerId: string): Promise<string> =>
    (await joinPartner(admin, partnerId)).token;
  const publish = (body: object, type = 'application/cloudevents+json') =>
    send('post', `${topic}/publications`, undefined)
      .set('content-type', type)
      .send(JSON.stringify(body));
  const propose = (schema: object, more: object = {}) =>
    send('post', `${topic}/schemas`, { schema, compatibility: 'backward', ...more });
  const pulled = async (): Promise<{ place: number; event: Json; handling?: Json }[]> => {
    const { body } = await send('get', `${topic}/publications?limit=500`, undefined, bank).expect(
      200,
    );
    return (body as { items: { place: number; event: Json; handling?: Json }[] }).items;
  };

  beforeEach(async () => {
    shop = await openTestShop({
      withRoutes: (handler, log) => {
        const personalKeys = createMemoryPersonalKeys();
        const about = { log, directory: handler.directory, arrivals: createArrivals() };
        const stopping = new AbortController().signal;
        const publishing = openPublishing({
          ...{ handler, log, arrivals: about.arrivals, personalKeys, stopping },
          history: {
            stream: async (stream) => {
              const facts = (await log.read(stream, 0, 100_000)).slice(-1);
              return { facts, next: null } as never;
            },
          },
          config: { requestTimeoutMs: 30_000 },
          logger: { error: () => undefined } as unknown as Logger,
          now: () => now,
        });
        return [
          ...partnerRoutes({ handler }),
          ...topicRoutes({ handler }),
          ...publishingRoutes(publishing),
          ...publishingAdminRoutes(publishing),
          ...exchangeRoutes({
            handler,
            publish: publishing.publish,
            pull: createPull({
              ...about,
              reveal: createReveal(personalKeys),
              monotonicMs: () => performance.now(),
              now: () => now,
            }),
            handOver: recordedIn(log),
            stopping,
          }),
        ];
      },
    });
    dealer = await join('dealer');
    bank = await join('bank');
    const about = { name: 'Cars', description: '', classification: 'open' };
    await admin('post', '/topics', { topicId: 'cars', owner: 'dealer', ...about }).expect(201);
    await admin('put', '/topics/cars/grants/bank', { history: 'all' }).expect(200);
  });
  afterEach(() => shop.close());

  return {
    ...{ send, admin, join, publish, propose, pulled },
    get app() {
      return shop.app;
    },
    /** Tokens. */
    get dealer() {
      return dealer;
    },
    get bank() {
      return bank;
    },
    get owner() {
      return shop.owner;
    },
  };
};
