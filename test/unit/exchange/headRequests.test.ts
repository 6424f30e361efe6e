/** Requests for the headers of an answer alone (HEAD): nobody is shown anything, so nothing is recorded as handed over. */
import { expect } from 'chai';
import request from 'supertest';
import { partnerRoutes } from '../../../api/admin/partners.js';
import { topicRoutes } from '../../../api/admin/topics.js';
import { exchangeRoutes } from '../../../api/exchange/routes.js';
import { searchRoutes } from '../../../api/exchange/search.js';
import { streamRoutes } from '../../../api/exchange/stream.js';
import { createStreamSlots } from '../../../api/exchange/streamSlots.js';
import { createArrivals } from '../../../commands/publication/arrivals.js';
import { createFollow } from '../../../commands/publication/follow.js';
import { createPublish } from '../../../commands/publication/publish.js';
import { createPull } from '../../../commands/publication/pull.js';
import { createReveal } from '../../../commands/publication/reveal.js';
import { createTopicReadings } from '../../../commands/publication/topicReadings.js';
import { publicationsStream } from '../../../domain/publication/publication.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { asOwner, joinPartner } from '../api/partnerDesk.js';
import { openTestShop, type TestShop } from '../api/testShop.js';
import { recordedIn } from './recorded.js';

const topic = '/exchange/v1/topics/cars';

describe('a request for the headers of an answer alone', () => {
  const leaving = new AbortController();
  let shop: TestShop;
  let bank = '';

  const admin = (method: 'post' | 'put', path: string, body: object) =>
    asOwner(shop, method, path, body);
  const join = async (partnerId: string): Promise<string> =>
    (await joinPartner(admin, partnerId)).token;

  before(async () => {
    shop = await openTestShop({
      withRoutes: (handler, log) => {
        const { directory } = handler;
        const keys = createMemoryPersonalKeys();
        const about = { log, directory, arrivals: createArrivals() };
        const now = () => 0;
        const reveal = createReveal(keys);
        const monotonicMs = () => performance.now();
        const handOver = recordedIn(log);
        return [
          ...partnerRoutes({ handler }),
          ...topicRoutes({ handler }),
          ...exchangeRoutes({
            ...{ handler, handOver, stopping: leaving.signal },
            publish: createPublish({ ...about, keys }),
            pull: createPull({ ...about, reveal, monotonicMs, now }),
          }),
          ...searchRoutes({
            ...{ directory, handOver, reveal },
            searches: {
              reach: async () => undefined,
              publications: async ({ tenant, topicId }) => ({
                rows: await log.read(publicationsStream(tenant, topicId), 0, 10),
                ...{ next: null, keptFrom: null },
              }),
            },
          }),
          ...streamRoutes({
            ...{ directory, handOver, monotonicMs },
            slots: createStreamSlots({ total: 1, perPartner: 1 }, leaving.signal),
            follow: createFollow({
              ...{ directory, reveal, now },
              readings: createTopicReadings(about),
            }),
            lastRevision: async () => null,
          }),
        ];
      },
    });
    const dealer = await join('dealer');
    bank = await join('bank');
    const about = { name: 'Cars', description: '', classification: 'open' };
    await admin('post', '/topics', { topicId: 'cars', owner: 'dealer', ...about }).expect(201);
    await admin('put', '/topics/cars/grants/bank', { history: 'all' }).expect(200);
    await request(shop.app)
      .post(`${topic}/publications`)
      .set('authorization', `Bearer ${dealer}`)
      .set('content-type', 'application/cloudevents+json')
      .send(JSON.stringify({ specversion: '1.0', id: 'a', source: '/s', type: 'car.chosen' }))
      .expect(201);
  });
  after(async () => {
    leaving.abort();
    await shop.close();
  });

  const ask = (method: 'get' | 'head', path: string) =>
    request(shop.app)
      [method](`${topic}/${path}`)
      .set('authorization', `Bearer ${bank}`)
      .timeout(20_000);
  const ways = async (): Promise<string[]> =>
    (await shop.log.read('handovers-demo.cars', 0, 100)).flatMap(({ data }) =>
      (data as { handovers: { way: string }[] }).handovers.map(({ way }) => way),
    );

  it('hands nothing over by a pull, a search or a stream, which do when they show something', async () => {
    for (const path of ['publications', 'search', 'stream', 'stream']) {
      const { text } = await ask('head', path).expect(200);
      expect(text ?? '', path).to.equal('');
    }
    expect(await ways()).to.deep.equal([]);
    const pulled = await ask('get', 'publications').expect(200);
    expect((pulled.body as { items: unknown[] }).items).to.have.length(1);
    const found = await ask('get', 'search').expect(200);
    expect((found.body as { items: unknown[] }).items).to.have.length(1);
    expect(await ways()).to.deep.equal(['pull', 'search']);
  });

  it('has the headers of the whole answer', async () => {
    const [head, whole] = [await ask('head', 'publications'), await ask('get', 'publications')];
    for (const name of ['content-type', 'content-length']) {
      expect(head.headers[name], name).to.equal(whole.headers[name]).and.be.a('string');
    }
  });
});
