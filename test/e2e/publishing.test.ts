/**
 * Files of events, schemas and personal data against the product as its user starts it: what was told is published once, also when the
 * process is killed in the middle of a file.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { expect } from 'chai';
import { createCleanup } from '../../bench/cleanup.js';
import { type Product, startProduct } from '../../bench/product/product.js';

type Json = Record<string, unknown>;

describe('publishing on a real log', function () {
  this.timeout(120_000);
  const faults: unknown[] = [];
  const cleanup = createCleanup((error) => faults.push(error));
  const dataDir = cleanup.folder('publishing');
  let product: Product;
  let operator = '';
  let dealer = '';
  const topic = '/exchange/v1/topics/cars';

  const send = async (
    path: string,
    body?: unknown,
    options: { token?: string; method?: string; headers?: Record<string, string> } = {},
  ): Promise<Response> =>
    fetch(`${product.url}${path}`, {
      method: options.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        authorization: `Bearer ${options.token ?? dealer}`,
        'idempotency-key': randomUUID(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
  const admin = async (path: string, body: object): Promise<Json> => {
    const response = await send(`/admin/v1${path}`, body, { token: operator });
    expect(response.ok, path).to.equal(true);
    return (await response.json()) as Json;
  };
  const logOn = async (): Promise<void> => {
    const response = await fetch(`${product.url}/pos/v1/logon`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tenant: 'demo', ...product.operator }),
    });
    operator = ((await response.json()) as { token: string }).token;
  };
  const event = (id: string, data: object) => ({
    ...{ specversion: '1.0', id, source: '/files/march', type: 'car.chosen' },
    data,
  });
  const ada = {
    ...event('ada', { brand: 'Lada', name: 'Ada' }),
    ...{ personalsubject: 'c-1', personaldata: '/name' },
  };
  const publish = (one: object): Promise<Response> =>
    send(`${topic}/publications`, one, {
      headers: { 'content-type': 'application/cloudevents+json' },
    });
  const line = (i: number): string => JSON.stringify(event(`e${i}`, { brand: 'Lada', i }));
  const ofMarch = { 'content-type': 'application/x-ndjson', 'idempotency-key': 'march' };
  const bulk = (lines: readonly string[], from = 1): Promise<Response> =>
    send(`${topic}/publications/bulk?from=${from}`, lines.join('\n'), { headers: ofMarch });
  /** As much of a file as this, and the rest is still to come. */
  const beginBulk = async (lines: readonly string[]): Promise<IncomingMessage> => {
    const asked = request(`${product.url}${topic}/publications/bulk?from=1`, {
      method: 'POST',
      headers: { authorization: `Bearer ${dealer}`, ...ofMarch },
    });
    // Told by the answer, too.
    asked.on('error', () => undefined);
    asked.write(`${lines.join('\n')}\n`);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return response;
  };
  /** A trial of a schema that takes more than two seconds is answered before its end. */
  const verdictOf = async (response: Response): Promise<Json> => {
    let trial = (await response.json()) as Json;
    const giveUpAt = performance.now() + 30_000;
    while (trial['state'] === 'running' && performance.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const path = `${topic}/schema-trials/${String(trial['trialId'])}`;
      trial = (await (await send(path)).json()) as Json;
    }
    return trial;
  };
  const all = async (): Promise<{ place: number; event: Json }[]> => {
    const items: { place: number; event: Json }[] = [];
    for (let after: number | null = null; ;) {
      const query: string = after === null ? '' : `&after=${after}`;
      const response = await send(`${topic}/publications?limit=500${query}`);
      const page = (await response.json()) as { items: typeof items; next: number | null };
      if (page.items.length === 0) return items;
      items.push(...page.items);
      after = page.next;
    }
  };

  before(async () => {
    product = await startProduct({ dataDir, cleanup });
    await logOn();
    await admin('/partners', { partnerId: 'dealer', name: 'Dealer' });
    dealer = (await admin('/partners/dealer/credentials', { label: 'x' }))['token'] as string;
    const about = { name: 'Cars', description: '', classification: 'open' };
    await admin('/topics', { topicId: 'cars', owner: 'dealer', ...about });
    expect((await publish(ada)).status).to.equal(201);
  });
  after(async () => {
    await cleanup.run();
    expect(faults, 'faults of the clean-up').to.deep.equal([]);
  });

  it('takes a file once, though the process is killed in the middle of it', async () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => line(i + 1));
    // The last lines are held back, or it could be through with all of them before it is killed.
    const response = await beginBulk(lines.slice(0, 2_900));
    expect(response.statusCode).to.equal(200);
    let told = '';
    try {
      for await (const chunk of response.setEncoding('utf8')) {
        told += chunk as string;
        if (told.includes('"resumeAt":1001')) await product.kill();
      }
      expect.fail('the file ended before the process was killed');
    } catch (error) {
      if ((error as Error).name === 'AssertionError') throw error;
    }
    const marks = [...told.matchAll(/"resumeAt":(\d+)\}/g)].map((found) => Number(found[1]));
    const resumeAt = marks.at(-1) ?? 1;
    product = await startProduct({ dataDir, cleanup });
    const rest = await bulk(lines.slice(resumeAt - 1), resumeAt);
    const answers = (await rest.text())
      .trim()
      .split('\n')
      .map((one) => JSON.parse(one) as Json);
    expect(answers.at(-1)).to.include({ done: true, published: 3_001 - resumeAt, refused: 0 });
    const ids = ['ada', ...lines.map((_, i) => `e${i + 1}`)];
    const items = await all();
    expect(items.map(({ place }) => place)).to.deep.equal(ids.map((_, i) => i));
    expect(items.map(({ event: { id } }) => id)).to.deep.equal(ids);
  });

  it('tries a schema against all of it, and judges by it', async () => {
    const schema = {
      type: 'object',
      required: ['brand'],
      properties: { brand: { type: 'string' }, i: { maximum: 2_999 } },
    };
    const first = await send(`${topic}/schemas`, { schema, compatibility: 'full', history: 'all' });
    const refused = (await verdictOf(first)) as { tried: Json; failures: { place: number }[] };
    expect(refused.tried).to.deep.include({ from: 0, to: 3_000, checked: 3_001, failed: 1 });
    expect(refused.failures.map(({ place }) => place)).to.deep.equal([3_000]);
    const wider = { ...schema, properties: { brand: { type: 'string' } } };
    const second = await send(`${topic}/schemas`, { schema: wider, compatibility: 'full' });
    expect(await verdictOf(second)).to.include({ state: 'accepted', version: 1 });
    expect((await publish(event('x', {}))).status).to.equal(422);
  });

  it('shows what is personal until the person is erased, also in another process', async () => {
    expect((await all())[0]?.event).to.deep.include(ada);
    const erasure = { subject: 'c-1', reason: 'asked' };
    expect((await send('/exchange/v1/subjects/erasure', erasure)).status).to.equal(200);
    const shown = (await all())[0]?.event;
    expect(shown).to.deep.include({ personalerased: true, data: { brand: 'Lada', name: null } });
  });
});
