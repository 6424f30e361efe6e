/**
 * Search in the whole product: the guide as it is written, what each may see now and then, what is personal, and a store that sleeps until
 * the first publication and is filled again after a start.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Cleanup, createCleanup } from '../../../bench/cleanup.js';
import { type Product, startProduct } from '../../../bench/product/product.js';
import { packageRoot } from '../../../platform/packageRoot.js';

const guide = readFileSync(join(packageRoot, 'docs/guides/search.md'), 'utf8');
const steps =
  /```http\n(?<method>\w+) (?<path>.+)\n(?<body>[\s\S]*?)```(?:\n```json\n(?<answer>[\s\S]*?)```)?/g;

/** The guide's queries are written for people. */
const encoded = (path: string): string => {
  const [resource = '', query] = path.split(/\?(.*)/s);
  if (query === undefined) return resource;
  const parts = query.split('&').map((part) => {
    const [name = '', value = ''] = part.split(/=(.*)/s);
    return `${name}=${encodeURIComponent(value)}`;
  });
  return `${resource}?${parts.join('&')}`;
};

interface Answer {
  readonly status: number;
  readonly body: {
    readonly code?: string;
    readonly position?: string;
    readonly token?: string;
    readonly next?: string | null;
    readonly faults?: readonly { readonly pointer: string; readonly reason: string }[];
    readonly items?: readonly {
      readonly place: number;
      readonly event: Record<string, unknown> & { data: Record<string, unknown> };
    }[];
  };
}

describe('searching in the product', function () {
  this.timeout(120_000);
  const faults: unknown[] = [];
  const tokens: Record<string, string> = {};
  let cleanup: Cleanup;
  let dataDir: string;
  let product: Product;
  let operator = '';

  const send = async (
    method: string,
    path: string,
    token: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<Answer> => {
    const response = await fetch(`${product.url}${encoded(path)}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'idempotency-key': randomUUID(),
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };
  const done = async (...call: Parameters<typeof send>): Promise<Answer['body']> => {
    let { status, body } = await send(...call);
    const giveUpAt = performance.now() + 60_000;
    // What is read says when it is not as far yet, or not there: it is asked again.
    while (status === 503 && call[0] === 'GET' && performance.now() < giveUpAt) {
      expect(body.code).to.be.oneOf(['position-not-reached', 'read-model-unavailable']);
      await new Promise((resolve) => setTimeout(resolve, 50));
      ({ status, body } = await send(...call));
    }
    expect(status, `${call[0]} ${call[1]}: ${JSON.stringify(body)}`).to.be.below(300);
    return body;
  };
  const logOn = async (): Promise<void> => {
    const { login, password } = product.operator;
    const answer = await done('POST', '/pos/v1/logon', '', { tenant: 'demo', login, password });
    operator = answer.token ?? '';
  };
  const publish = async (data: object, extensions: object = {}, topic = 'cars_chosen') => {
    const event = {
      ...{ specversion: '1.0', id: randomUUID(), source: '/sites/motor-house', type: 'car.seen' },
      ...{ ...extensions, data },
    };
    const path = `/exchange/v1/topics/${topic}/publications`;
    const answer = await done('POST', path, tokens['motor_house'] ?? '', event, structured);
    return answer.position ?? '';
  };
  const found = async (partner: string, query: string, topic = 'cars_chosen') =>
    (await done('GET', `/exchange/v1/topics/${topic}/search?${query}`, tokens[partner] ?? ''))
      .items ?? [];
  /** While everything is read from the log, searches say so. */
  const untilAnswered = async () => {
    const deadline = Date.now() + 60_000;
    const path = '/exchange/v1/topics/cars_chosen/search?sort=place';
    let answer = await send('GET', path, tokens['city_bank'] ?? '');
    while (answer.status === 503 && Date.now() < deadline) {
      expect(answer.body.code).to.equal('read-model-unavailable');
      await new Promise((resolve) => setTimeout(resolve, 50));
      answer = await send('GET', path, tokens['city_bank'] ?? '');
    }
    return answer.body.items;
  };
  const structured = 'application/cloudevents+json';
  const batch = 'application/cloudevents-batch+json';

  const openTopic = (topicId: string) =>
    done('POST', '/admin/v1/topics', operator, {
      ...{
        topicId,
        owner: 'motor_house',
        name: 'Cars',
        description: '',
        classification: 'personal',
      },
    });
  const grant = (topicId: string, partner: string, history: string) =>
    done('PUT', `/admin/v1/topics/${topicId}/grants/${partner}`, operator, { history });

  before(async () => {
    cleanup = createCleanup((error) => faults.push(error));
    dataDir = cleanup.folder('search');
    product = await startProduct({ dataDir, cleanup });
    await logOn();
    for (const partnerId of ['motor_house', 'city_bank', 'insurer']) {
      await done('POST', '/admin/v1/partners', operator, { partnerId, name: partnerId });
      const path = `/admin/v1/partners/${partnerId}/credentials`;
      tokens[partnerId] = (await done('POST', path, operator, { label: 'test' })).token ?? '';
    }
    await openTopic('cars_chosen');
    await grant('cars_chosen', 'city_bank', 'all');
  });
  after(async () => {
    await cleanup?.run();
    expect(faults, 'faults of the clean-up').to.deep.equal([]);
  });

  it('starts no store of documents before there is anything to search', async () => {
    expect(await found('motor_house', 'text=anything')).to.deep.equal([]);
    expect(readFileSync(product.logFile, 'utf8')).to.not.include('document store is ready');
  });

  it('is as the guide says', async () => {
    let sent = 0;
    let position = '';
    for (const { groups = {} } of guide.matchAll(steps)) {
      const { method = '', path = '', body = '', answer = '{}' } = groups;
      const token = path.startsWith('/admin') ? operator : (tokens['motor_house'] ?? '');
      const given = body.trim() ? (JSON.parse(body) as unknown) : undefined;
      const waiting = path.includes('/search?') ? `${path}&minPosition=${position}` : path;
      const reply = await done(method, waiting, token, given, batch);
      position = reply.position ?? position;
      const shown = JSON.parse(answer) as { items?: unknown[] };
      expect(reply, path).to.containSubset(shown);
      if (shown.items) expect(reply.items, path).to.have.length(shown.items.length);
      sent += 1;
    }
    expect(sent).to.equal(10);
  });

  it('shows each partner what it may see now, and operators what it could see then', async () => {
    await openTopic('viewings');
    await publish({ car: 'first' }, {}, 'viewings');
    const before = new Date().toISOString();
    await grant('viewings', 'insurer', 'sinceGrant');
    const position = await publish({ car: 'second' }, {}, 'viewings');
    const during = new Date().toISOString();
    const seen = async (partner: string, query: string) =>
      (await found(partner, `${query}&minPosition=${position}`, 'viewings')).map(
        ({ place }) => place,
      );
    expect(await seen('motor_house', 'sort=place')).to.deep.equal([0, 1]);
    expect(await seen('insurer', 'sort=place')).to.deep.equal([1]);
    expect(await seen('insurer', 'text=first')).to.deep.equal([]);
    expect(await seen('insurer', `at=${before}`)).to.deep.equal([]);
    expect(await seen('motor_house', `at=${before}`)).to.deep.equal([0]);

    const revocation = '/admin/v1/topics/viewings/grants/insurer/revocation';
    await done('POST', revocation, operator, { reason: 'contract ended' });
    const refused = await send(
      'GET',
      '/exchange/v1/topics/viewings/search',
      tokens['insurer'] ?? '',
    );
    expect([refused.status, refused.body.code]).to.deep.equal([404, 'topic-not-found']);
    const asInsurer = async (query: string) =>
      (
        await done('GET', `/admin/v1/topics/viewings/search?asPartner=insurer&${query}`, operator)
      ).items?.map(({ place }) => place);
    expect(await asInsurer('sort=place')).to.deep.equal([]);
    expect(await asInsurer(`at=${before}`)).to.deep.equal([]);
    expect(await asInsurer(`at=${during}`)).to.deep.equal([1]);
  });

  it('finds nothing by what is personal, and shows it to partners alone', async () => {
    const handling = { personalsubject: 'customer:9', personaldata: '/customer/name' };
    const data = { customer: { name: 'Quinlan' }, brand: 'Tatra' };
    const position = await publish(data, handling);
    expect(await found('city_bank', `text=quinlan&minPosition=${position}`)).to.deep.equal([]);
    expect(await found('city_bank', 'where={"path":"customer.name","eq":"Quinlan"}')).to.be.empty;
    const [shown] = await found('city_bank', 'text=tatra');
    expect(shown?.event.data).to.deep.equal(data);
    const path = '/admin/v1/topics/cars_chosen/search?text=tatra';
    const [closed] = (await done('GET', path, operator)).items ?? [];
    expect(closed?.event.data).to.deep.equal({ customer: { name: null }, brand: 'Tatra' });

    const erasure = { subject: 'customer:9', reason: 'asked for it' };
    await done('POST', '/exchange/v1/subjects/erasure', tokens['motor_house'] ?? '', erasure);
    const [erased] = await found('city_bank', 'text=tatra');
    expect(erased?.event.data).to.deep.equal({ customer: { name: null }, brand: 'Tatra' });
  });

  it('finds nothing that has expired', async () => {
    // Long enough to be found before that on a busy machine, too.
    const expirytime = new Date(Date.now() + 5_000).toISOString();
    const position = await publish({ brand: 'Wartburg' }, { expirytime });
    const query = `text=wartburg&minPosition=${position}`;
    expect(await found('city_bank', query)).to.have.length(1);
    await new Promise((resolve) => setTimeout(resolve, Date.parse(expirytime) - Date.now() + 50));
    expect(await found('city_bank', query)).to.deep.equal([]);
  });

  it('refuses what it does not understand, by its place', async () => {
    const refusals: readonly (readonly [string, string])[] = [
      ['where={', '/where'],
      ['where={"path":"price","regex":".*"}', '/where/regex'],
      ['where={"path":"$where","eq":1}', '/where/path'],
      ['where={"path":"price"}', '/where'],
      ['where={"any":[{"path":"a","eq":1},{"path":"b","in":[]}]}', '/where/any/1/in'],
      [
        'where={"not":{"not":{"not":{"not":{"not":{"path":"a","eq":1}}}}}}',
        '/where/not/not/not/not/not',
      ],
      [`where={"all":[${'{"path":"a","eq":1},'.repeat(20)}{"path":"a","eq":1}]}`, '/where/all/20'],
      ['text=a b c d e f g h i j k', '/text'],
      ['sort=price', '/sort'],
      ['after=nonsense', '/after'],
      ['limit=101', '/limit'],
    ];
    for (const [query, pointer] of refusals) {
      const path = `/exchange/v1/topics/cars_chosen/search?${query}`;
      const { status, body } = await send('GET', path, tokens['motor_house'] ?? '');
      expect([status, body.code, body.faults?.[0]?.pointer], query).to.deep.equal([
        ...[400, 'invalid-input', pointer],
      ]);
    }
    const later = `/exchange/v1/topics/cars_chosen/search?at=2100-01-01T00:00:00Z`;
    const { body } = await send('GET', later, tokens['motor_house'] ?? '');
    expect(body.code).to.equal('time-in-future');
  });

  it('is made anew by the installation, and finds the same', async () => {
    const before = await found('city_bank', 'sort=place');
    const rebuilds = '/admin/v1/documents/publications/rebuilds';
    await done('POST', rebuilds, operator);
    expect((await send('POST', '/admin/v1/documents/nothing/rebuilds', operator)).status).to.equal(
      404,
    );
    expect(await untilAnswered()).to.deep.equal(before);
  });

  it('finds the same after another start', async () => {
    const before = await found('city_bank', 'sort=place');
    expect(before.length).to.be.greaterThan(3);
    await product.stop();
    product = await startProduct({ dataDir, cleanup });
    expect(await untilAnswered()).to.deep.equal(before);
  });
});
