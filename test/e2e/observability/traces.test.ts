/**
 * The product as its user starts it, with a collector of traces and a receiver of logs: one trace from a request to what comes of it in
 * the workers, at a webhook and at a provider, and the lines of every thread.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createCleanup } from '../../../bench/cleanup.js';
import { type Product, startProduct } from '../../../bench/product/product.js';
import { receiveTcp, type TcpReceiver } from '../../integration/logs/receivers.js';
import {
  type Collected,
  type Collector,
  startCollector,
} from '../../integration/tracing/collector.js';

type Json = Record<string, unknown>;

const deadlineMs = 30_000;
const until = async <T>(what: string, look: () => T | undefined): Promise<T> => {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > giveUpAt) throw new Error(`not in ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('what is seen of a running product', function () {
  this.timeout(180_000);
  const faults: unknown[] = [];
  const cleanup = createCleanup((error) => faults.push(error));
  let product: Product;
  let collector: Collector;
  let receiver: TcpReceiver;
  let operator = '';
  const hooked: IncomingHttpHeaders[] = [];
  let hook = '';

  /** The span of whoever asks, which is none of the product's. */
  const asker = '00f067aa0ba902b7';
  const newTrace = () => {
    const id = randomUUID().replaceAll('-', '');
    return { id, traceparent: `00-${id}-${asker}-01` };
  };
  const send = async (
    path: string,
    body: object,
    options: { token?: string; method?: string; traceparent?: string } = {},
  ): Promise<Json> => {
    const { token = operator, method = 'POST', traceparent } = options;
    const response = await fetch(`${product.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'specversion' in body ? 'application/cloudevents+json' : 'application/json',
        'idempotency-key': randomUUID(),
        ...(traceparent === undefined ? {} : { traceparent }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    expect(response.ok, `${path}: ${text}`).to.equal(true);
    return JSON.parse(text) as Json;
  };
  /**
   * The spans of a trace, once the one that is waited for is there, and all that it is within: each thread sends its own, and one that
   * began before ends after.
   */
  const traceWith = (id: string, wanted: (span: Collected) => boolean, also?: string) =>
    until(`a span of ${id}`, () => {
      const spans = collector.spans.filter(({ traceId }) => traceId === id);
      let at = spans.find(wanted);
      while (at && at.parentSpanId !== asker) {
        const { parentSpanId } = at;
        at = spans.find(({ spanId }) => spanId === parentSpanId);
      }
      const isWhole = at && (!also || spans.some(({ name }) => name === also));
      return isWhole ? spans : undefined;
    });
  /** From a span up to what began it. */
  const pathOf = (spans: readonly Collected[], of: (span: Collected) => boolean): string[] => {
    const path: string[] = [];
    for (let at = spans.find(of); at;) {
      path.unshift(at.name);
      const { parentSpanId } = at;
      at = spans.find(({ spanId }) => spanId === parentSpanId);
    }
    return path;
  };

  before(async () => {
    collector = await startCollector();
    cleanup.add(collector.close);
    receiver = await receiveTcp();
    cleanup.add(receiver.close);
    const endpoint = createServer((request, response) => {
      if (request.method === 'POST') hooked.push(request.headers);
      const agreed = { 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '*' };
      request.resume().on('end', () => response.writeHead(200, agreed).end());
    });
    endpoint.listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    cleanup.add(async () => void endpoint.close());
    hook = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/hooks/ada`;
    product = await startProduct({
      dataDir: cleanup.folder('observed'),
      cleanup,
      env: {
        KOPILKA_OTLP_URL: collector.url,
        KOPILKA_OTLP_SHARE: '1',
        KOPILKA_GELF_URL: `tcp://127.0.0.1:${receiver.port}`,
        KOPILKA_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8',
      },
    });
    const logOn = { tenant: 'demo', ...product.operator };
    operator = String((await send('/pos/v1/logon', logOn))['token']);
  });
  after(async () => {
    await cleanup.run();
    expect(faults, 'faults of the clean-up').to.deep.equal([]);
  });

  it('is one trace from a request over its command and append to what a worker does with the fact', async () => {
    const { id, traceparent } = newTrace();
    const person = { name: 'Grace Hopper', phone: '+37126123456' };
    await send('/pos/v1/users/', person, { token: product.tillToken, traceparent });
    const ofWorker = (span: Collected) => span.attributes['kopilka.actor'] === 'worker';
    const spans = await traceWith(id, ofWorker);
    const path = pathOf(spans, ofWorker);
    expect(path[0]).to.equal('POST /pos/v1/users/');
    expect(path.slice(1, 3)).to.deep.equal(['EnrolCustomer', 'append account']);
    expect(path).to.have.length(4);
    const server = spans.find(({ name }) => name === path[0]);
    expect(server?.parentSpanId).to.equal(asker);
    expect(server?.attributes).to.include({
      ...{ 'http.route': '/pos/v1/users/', 'kopilka.tenant': 'demo', 'kopilka.actor': 'till' },
      'kopilka.correlation_id': id,
    });
  });

  it('goes on to the endpoint of a webhook, which is handed it', async () => {
    const tokenOf = async (partnerId: string): Promise<string> => {
      await send('/admin/v1/partners', { partnerId, name: partnerId });
      const path = `/admin/v1/partners/${partnerId}/credentials`;
      return String((await send(path, { label: 'x' }))['token']);
    };
    const [token, bank] = [await tokenOf('dealer'), await tokenOf('bank')];
    const about = { name: 'Cars', description: '', classification: 'open' };
    await send('/admin/v1/topics', { topicId: 'cars', owner: 'dealer', ...about });
    await send('/admin/v1/topics/cars/grants/bank', { history: 'all' }, { method: 'PUT' });
    const subscription = { subscriptionId: 'sub_cars', topicId: 'cars', endpoint: { url: hook } };
    await send('/exchange/v1/subscriptions', subscription, { token: bank });
    const { id, traceparent } = newTrace();
    const event = { specversion: '1.0', id: 'e1', source: '/s', type: 'car.chosen', data: {} };
    await send('/exchange/v1/topics/cars/publications', event, { token, traceparent });
    const isDelivery = ({ name }: Collected) => name === 'deliver webhook';
    const spans = await traceWith(id, isDelivery);
    expect(pathOf(spans, isDelivery)).to.deep.equal([
      'POST /exchange/v1/topics/{topicId}/publications',
      'append publications',
      'deliver webhook',
    ]);
    const delivery = spans.find(isDelivery);
    expect(delivery?.part).to.equal('deliveries');
    expect(delivery?.attributes).to.include({ 'kopilka.outcome': 'answered' });
    expect(hooked.at(-1)?.['traceparent']).to.equal(`00-${id}-${delivery?.spanId}-01`);
  });

  it('goes on to the provider of a message', async () => {
    const sandbox = { providerId: 'try_out', kind: 'sandbox', channel: 'sms', settings: {} };
    await send('/admin/v1/outreach/providers', sandbox);
    const rule = {
      ruleId: 'all',
      channel: 'sms',
      by: 'order',
      providers: [{ providerId: 'try_out', weight: 100 }],
    };
    await send('/admin/v1/outreach/routing', { rules: [rule] }, { method: 'PUT' });
    const { id, traceparent } = newTrace();
    const message = {
      class: 'otp',
      recipient: { phone: '+37126123456' },
      channel: 'sms',
      text: { text: 'Your code: elderberry' },
    };
    await send('/outreach/v1/messages', message, { traceparent });
    const isCall = ({ name }: Collected) => name === 'send sandbox';
    const spans = await traceWith(id, isCall, 'append message');
    expect(pathOf(spans, isCall)).to.deep.equal(['POST /outreach/v1/messages', 'send sandbox']);
    expect(spans.map(({ name }) => name)).to.include('append message');
    expect(spans.find(isCall)).to.include({ part: 'outreach', failed: false });
  });

  it('has the lines of the process and of its threads with the receiver of logs', async () => {
    const line = await until('the line of the thread of outreach', () =>
      receiver.messages.find((one) => one['short_message'] === 'called a provider'),
    );
    expect(line).to.include({ _component: 'outreach', _service: 'kopilka', level: 6 });
    const request = await until('the line of the request', () =>
      receiver.messages.find((one) => one['_route'] === '/outreach/v1/messages'),
    );
    expect(request).to.include({ _component: 'http', _status: 201, _tenant: 'demo' });
    const traced = collector.spans.find(({ traceId }) => traceId === request['_correlation_id']);
    expect(traced, 'lines are found by the id of their trace').not.to.equal(undefined);
    const metrics = await (await fetch(`${product.url}/metrics`)).text();
    expect(metrics).to.match(/^kopilka_log_lines_sent_total [1-9]/m);
    expect(metrics).to.match(/^kopilka_trace_spans_total\{outcome="exported"\} [1-9]/m);
  });

  it('says of each part how it is', async () => {
    const health = (await (await fetch(`${product.url}/health/ready`)).json()) as Json;
    expect(health['ok']).to.equal(true);
    expect(health['parts']).to.include({
      ...{ projections: 'running', workers: 'running', deliveries: 'running', kafka: 'off' },
      ...{ outreach: 'running', policies: 'asleep' },
    });
  });

  it('has nothing personal in traces and logs', () => {
    const told = collector.raw() + JSON.stringify(receiver.messages);
    expect(told).not.to.match(/\+?37126123456|Hopper|elderberry|hooks\/ada/);
    expect(told).not.to.contain(product.tillToken);
    expect(told).not.to.contain(product.operator.password);
  });
});
