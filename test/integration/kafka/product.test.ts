/**
 * The product as its user starts it, beside a real Kafka: the broker is killed while it relays and takes in, then the product; both are
 * started again on their data. Then it is stopped in order.
 */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { createCleanup } from '../../../bench/cleanup.js';
import { type Product, startProduct } from '../../../bench/product/product.js';
import { missing, note, sharedBroker, type TestBroker } from './testBroker.js';

const waitMs = 60_000;
const told = 3_000;
const heard = 1_500;
const keys = 10;
const keyOf = (n: number): string => `customer:${n % keys}`;

const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  const giveUpAt = performance.now() + waitMs;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

interface State {
  readonly behind: number | null;
  readonly place: number | null;
  readonly lastError: { readonly reason: string } | null;
}

describe(`Kopilka beside Kafka${note}`, function () {
  this.timeout(120_000);
  const faults: unknown[] = [];
  const cleanup = createCleanup((error) => faults.push(error));
  let broker: TestBroker;
  let product: Product;
  let operator = '';
  let dealer = '';

  const call = async <Body>(
    token: string,
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<Body> => {
    const response = await fetch(`${product.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': type,
        'idempotency-key': randomUUID(),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect(response.ok, `${method} ${path}: ${text}`).to.equal(true);
    return JSON.parse(text) as Body;
  };
  const admin = <Body>(method: 'GET' | 'POST', path: string, body?: object) =>
    call<Body>(operator, method, `/admin/v1${path}`, body);

  const start = async (dataDir: string): Promise<void> => {
    const roles = { KOPILKA_ROLES: 'pos,admin,exchange,workers' };
    const env = { ...roles, KOPILKA_KAFKA_BROKERS: broker.address };
    product = await startProduct({ dataDir, cleanup, env });
    const { login, password } = product.operator;
    const logon = { tenant: 'demo', login, password };
    operator = (await call<{ token: string }>('', 'POST', '/pos/v1/logon', logon)).token;
  };

  const stateOf = async (kind: 'relays' | 'bindings'): Promise<State> => {
    const { items } = await admin<{ items: { state: State }[] }>('GET', `/kafka/${kind}`);
    return items[0]!.state;
  };

  before(async function () {
    if (missing !== null) return this.skip();
    broker = await sharedBroker();
    await start(cleanup.folder('kafka'));
    await admin('POST', '/partners', { partnerId: 'motor_house', name: 'Motor House' });
    const made = await admin<{ token: string }>('POST', '/partners/motor_house/credentials', {
      label: 'test',
    });
    dealer = made.token;
    for (const topicId of ['told', 'heard']) {
      const about = { name: topicId, description: '', classification: 'open' };
      await admin('POST', '/topics', { topicId, owner: 'motor_house', ...about });
    }
  });
  after(async () => {
    await cleanup.run();
    expect(faults, 'faults of the clean-up').to.be.empty;
  });

  it('leaves nothing out when broker and product are killed, neither on the way out nor in', async () => {
    const event = (n: number) => ({
      ...{ specversion: '1.0', id: `t${n}`, source: '/dealer', type: 'car.chosen' },
      ...{ partitionkey: keyOf(n), data: { n } },
    });
    const tell = async (first: number, end: number): Promise<void> => {
      for (let from = first; from < end; from += 100) {
        const batch = Array.from({ length: 100 }, (_, i) => event(from + i));
        const type = 'application/cloudevents-batch+json';
        await call(dealer, 'POST', '/exchange/v1/topics/told/publications', batch, type);
      }
    };
    await tell(0, told - 100);
    await broker.createTopic('kopilka.demo.heard');
    const sent = Array.from({ length: heard }, (_, n) => ({
      key: keyOf(n),
      value: JSON.stringify({ n }),
      headers: { ce_specversion: '1.0', ce_id: `h${n}`, ce_source: '/dealer', ce_type: 'car.seen' },
    }));
    await broker.send('kopilka.demo.heard', sent);

    const binding = { bindingId: 'in_1', partnerId: 'motor_house', topicId: 'heard' };
    await admin('POST', '/kafka/bindings', { ...binding, kafkaTopic: 'heard' });
    const source = { topicId: 'told' };
    const order = { relayId: 'out_1', source, kafkaTopic: 'told', start: 'beginning' };
    await admin('POST', '/kafka/relays', order);
    await until('it relays', async () => (await broker.count('kopilka.demo.told')) > 0);
    await broker.kill();
    // However much was relayed before, there is something to relay.
    await tell(told - 100, told);
    await until('it is told why nothing moves', async () => {
      const { behind, lastError } = await stateOf('relays');
      return lastError?.reason === 'unreachable' && behind !== null && behind > 0;
    });
    await product.kill();
    await Promise.all([broker.restart(), start(product.dataDir)]);

    await until('it relayed all', async () => (await stateOf('relays')).place === told - 1);
    const count = await broker.count('kopilka.demo.told');
    const found = await broker.read('kopilka.demo.told', count);
    expect(count - told, 'repeats').to.be.within(0, 1_000);
    for (let key = 0; key < keys; key += 1) {
      const ids = found.filter((one) => one.key === keyOf(key)).map((one) => one.headers['ce_id']);
      const wanted = Array.from({ length: told / keys }, (_, i) => `t${key + i * keys}`);
      expect([...new Set(ids)], `of ${keyOf(key)}`).to.deep.equal(wanted);
    }

    const taken: { id: string; partitionkey: string }[] = [];
    await until('it took in all', async () => {
      const after = taken.length === 0 ? '' : `&after=${taken.length - 1}`;
      const path = `/exchange/v1/topics/heard/publications?limit=500${after}`;
      const { items } = await call<{ items: { event: (typeof taken)[0] }[] }>(dealer, 'GET', path);
      taken.push(...items.map((item) => item.event));
      return items.length === 0 && taken.length >= heard;
    });
    expect(taken).to.have.lengthOf(heard);
    for (let key = 0; key < keys; key += 1) {
      const ids = taken.filter((one) => one.partitionkey === keyOf(key)).map(({ id }) => id);
      const wanted = Array.from({ length: heard / keys }, (_, i) => `h${key + i * keys}`);
      expect(ids, `of ${keyOf(key)}`).to.deep.equal(wanted);
    }
  });

  it('says how far it is, and stops in time', async () => {
    await until('nothing is behind', async () => (await stateOf('bindings')).behind === 0);
    expect(await stateOf('relays')).to.include({ behind: 0, lastError: null });
    const metrics = await (await fetch(`${product.url}/metrics`)).text();
    expect(metrics).to.contain('kopilka_kafka_relay_backlog{tenant="demo",relay="out_1"} 0');
    expect(metrics).to.contain('kopilka_kafka_binding_backlog{tenant="demo",binding="in_1"} 0');
    const started = performance.now();
    await product.stop();
    // After fifteen it would be ended by force.
    expect(performance.now() - started).to.be.lessThan(14_000);
  });
});
