/**
 * The POS API of the whole product: what is read back, by whom, and that every answer is what the published document says.
 */
import { randomUUID } from 'node:crypto';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { type Cleanup, createCleanup } from '../../bench/cleanup.js';
import { type Product, startProduct } from '../../bench/product/product.js';

type Json = Record<string, unknown>;
interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}
interface Listed<Item> {
  readonly items: Item[];
  readonly next: string | null;
}

const requestDeadlineMs = 30_000;
const line = { productId: '85123A', quantity: 2, price: 300 };

describe('the POS API of the whole product', function () {
  this.timeout(120_000);
  const faults: unknown[] = [];
  let cleanup: Cleanup;
  let product: Product;
  let operator: string;
  let conforms: (method: string, path: string, answer: Answer<unknown>) => void;

  /** Sends, and holds the answer against the document. */
  const send = async <Body = Json>(
    method: string,
    path: string,
    token: string,
    sent?: object,
  ): Promise<Answer<Body>> => {
    const response = await fetch(`${product.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(sent ? { 'content-type': 'application/json', 'idempotency-key': randomUUID() } : {}),
      },
      ...(sent ? { body: JSON.stringify(sent) } : {}),
      signal: AbortSignal.timeout(requestDeadlineMs),
    });
    const answer = {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Body,
    };
    conforms(method, path, answer);
    return answer;
  };
  /** Again where the read model was not as far in time, as the answer asks for. */
  const get = async <Body = Json>(
    path: string,
    token = product.tillToken,
  ): Promise<Answer<Body>> => {
    const giveUpAt = performance.now() + 60_000;
    for (;;) {
      const answer = await send<Body>('GET', `/pos/v1${path}`, token);
      if (answer.status !== 503 || performance.now() > giveUpAt) return answer;
      expect(answer.body).to.include({ code: 'position-not-reached' });
    }
  };
  const post = async <Body = Json>(path: string, sent: object, token = product.tillToken) => {
    const answer = await send<Body>('POST', `/pos/v1${path}`, token, sent);
    expect(answer.status, JSON.stringify(answer.body)).to.be.oneOf([200, 201]);
    return answer.body;
  };
  const refusal = async (answer: Promise<Answer<Json>>) => {
    const { status, body } = await answer;
    return [status, body['code']];
  };

  before(async () => {
    cleanup = createCleanup((error) => faults.push(error));
    product = await startProduct({ dataDir: cleanup.folder('pos-api'), cleanup });
    const document = (await (await fetch(`${product.url}/openapi.json`)).json()) as Json;
    conforms = documentCheck(document);
    const { login, password } = product.operator;
    const logon = { tenant: 'demo', login, password };
    operator = (await send<{ token: string }>('POST', '/pos/v1/logon', '', logon)).body.token;
  });
  after(async () => {
    await cleanup.run();
    expect(faults, 'faults of the clean-up').to.be.empty;
  });

  const enrol = async (sent: object = {}) =>
    post<{ userId: string; position: string }>('/users', sent);

  it('finds a customer by card, phone and e-mail, however they are typed', async () => {
    const person = { name: 'Ann', phone: '+44 20 7946 0018', email: 'Ann@Example.com' };
    const { userId, position } = await enrol({ ...person, cardNumber: '2200000000055' });
    const ways = [
      'cardNumber=2200000000055',
      'phone=020%207946%200018&country=GB',
      'email=ann%40example.com',
    ];
    for (const way of ways) {
      const { body } = await get<Listed<Json>>(`/users?${way}&minPosition=${position}`);
      expect(
        body.items.map((item) => item['userId']),
        way,
      ).to.deep.equal([userId]);
      expect(body.items[0]?.['person']).to.deep.equal({
        name: 'Ann',
        phone: '+442079460018',
        email: 'ann@example.com',
      });
    }
    expect((await get<Listed<Json>>('/users?cardNumber=2200000009999')).body.items).to.be.empty;
    const card = await get('/cards/2200000000055');
    expect(card.body).to.include({ userId, status: 'active', replacedBy: null });
  });

  it('answers with what was just written, when it is given its position', async () => {
    const { userId } = await enrol();
    const { position } = await post<{ position: string }>(`/users/${userId}/purchases`, {
      purchaseId: 'p1',
      lines: [line],
      offline: true,
      occurredAt: '2025-01-31T18:30:00Z',
    });
    const balance = await get(`/users/${userId}/balance?minPosition=${position}`);
    expect(balance.body).to.include({ purchases: 1, lastPurchaseAt: '2025-01-31T18:30:00.000Z' });
    const detail = await get<Json>(`/users/${userId}/purchases/p1?minPosition=${position}`);
    expect(detail.body).to.include({ total: 600, offline: true, status: 'confirmed' });
    expect(JSON.stringify(detail.body['why'])).to.contain('decided-late');
  });

  it('pages through purchases and the ledger, newest first, each once', async () => {
    const { userId } = await enrol();
    let position = '';
    for (let i = 1; i <= 5; i += 1) {
      const sent = { purchaseId: `n${i}`, lines: [line] };
      ({ position } = await post<{ position: string }>(`/users/${userId}/purchases`, sent));
    }
    const all = async (path: string, key: string) => {
      const found: unknown[] = [];
      let after = '';
      for (let page = 0; page < 10; page += 1) {
        const { body } = await get<Listed<Json>>(`${path}?limit=2&minPosition=${position}${after}`);
        found.push(...body.items.map((item) => item[key]));
        if (body.next === null) return found;
        after = `&after=${body.next}`;
      }
      throw new Error('the pages do not end');
    };
    const newestFirst = ['n5', 'n4', 'n3', 'n2', 'n1'];
    expect(await all(`/users/${userId}/purchases`, 'purchaseId')).to.deep.equal(newestFirst);
    expect(await all(`/users/${userId}/ledger`, 'purchaseId')).to.deep.equal(newestFirst);
    const broken = await get(`/users/${userId}/ledger?after=nonsense`);
    expect(broken.body['faults']).to.deep.equal([
      { in: 'query', pointer: '/after', reason: 'is not the `next` of a page' },
    ]);
  });

  it('shows what came back of a purchase', async () => {
    const { userId } = await enrol();
    const path = `/users/${userId}/purchases`;
    await post(path, { purchaseId: 'r', lines: [line, { ...line, quantity: 0.5 }] });
    await post(`${path}/r/returns`, { returnId: 'r1', lines: [{ position: 1, quantity: 1 }] });
    const { position } = await post<{ position: string }>(`${path}/r/cancel`, { reason: 'void' });
    const { body } = await get<Json>(`${path}/r?minPosition=${position}`);
    expect(body).to.include({ status: 'cancelled', returnedAmount: 750, refunded: 750 });
    const lines = body['lines'] as Json[];
    expect(lines.map((one) => one['returnedQuantity'])).to.deep.equal([2, 0.5]);
    const kinds = (body['returns'] as Json[]).map((one) => [one['kind'], one['returnId']]);
    expect(kinds).to.deep.equal([
      ['return', 'r1'],
      ['cancellation', null],
    ]);
  });

  it("shows a till its own merchant's receipts and nobody else's", async () => {
    const admin = (path: string, sent: object) =>
      send<Json>('POST', `/admin/v1${path}`, operator, sent);
    const merchant = await admin('/merchants', { name: 'Elsewhere', timeZone: 'UTC' });
    const { merchantId } = merchant.body;
    const shop = await admin('/points-of-sale', { merchantId, name: 'Elsewhere' });
    const { pointOfSaleId } = shop.body;
    const place = { merchantId, pointOfSaleId, name: 'Till' };
    const { token } = await post<{ token: string }>('/tokens', place, operator);
    const { userId } = await enrol();
    const path = `/users/${userId}/purchases`;
    const { position } = await post<{ position: string }>(path, {
      purchaseId: 'own',
      lines: [line],
    });
    const listed = await get<Listed<Json>>(`${path}?minPosition=${position}`, token);
    expect(listed.body.items).to.be.empty;
    expect(await refusal(get(`${path}/own`, token))).to.deep.equal([403, 'foreign-merchant']);
    const seen = await get<Listed<Json>>(path, operator);
    expect(seen.body.items.map((item) => item['purchaseId'])).to.deep.equal(['own']);
  });

  it('lists receipts of nobody apart from those of customers', async () => {
    const { userId } = await enrol();
    await post(`/users/${userId}/purchases`, { purchaseId: 'somebody', lines: [line] });
    const sent = { purchaseId: 'nobody', lines: [line] };
    const { position } = await post<{ position: string }>('/purchases', sent);
    const { body } = await get<Listed<Json>>(`/purchases?minPosition=${position}`);
    expect(body.items.map((item) => item['purchaseId'])).to.deep.equal(['nobody']);
    expect((await get('/purchases/nobody')).body).to.include({ userId: null, total: 600 });
    expect(await refusal(get('/purchases/somebody'))).to.deep.equal([404, 'purchase-not-found']);
    const faults = await get('/purchases', operator);
    expect(faults.body['faults']).to.deep.equal([
      { in: 'query', pointer: '/tillId', reason: 'is missing' },
    ]);
  });

  it('shows no person to analysts, nor to anybody once erased', async () => {
    const { userId, position } = await enrol({ name: 'Bob', email: 'bob@example.com' });
    const analyst = {
      operatorId: 'analyst1',
      name: 'A',
      password: 'a long enough password',
      roles: ['analyst'],
    };
    await send('POST', '/admin/v1/operators', operator, analyst);
    const logon = { tenant: 'demo', login: 'analyst1', password: analyst.password };
    const { token } = (await send<{ token: string }>('POST', '/pos/v1/logon', '', logon)).body;
    const path = `/users/${userId}?minPosition=${position}`;
    expect((await get(path, token)).body).not.to.have.property('person');
    expect((await get(path)).body['person']).to.include({ name: 'Bob' });
    const erased = await send<Json>('DELETE', `/pos/v1/users/${userId}?erase=true`, operator);
    const now = `minPosition=${String(erased.body['position'])}`;
    const after = await get(`/users/${userId}?${now}`);
    expect(after.body).to.include({ status: 'erased' }).and.not.have.property('person');
    const search = await get<Listed<Json>>(`/users?email=bob%40example.com&${now}`);
    expect(search.body.items).to.be.empty;
  });

  it('lists cards and customers to the end', async () => {
    const numbers: unknown[] = [];
    let after = '';
    for (let page = 0; page < 20; page += 1) {
      const { body } = await get<Listed<Json>>(`/cards?limit=1${after}`);
      numbers.push(...body.items.map((item) => item['cardNumber']));
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    expect(numbers).to.include('2200000000055');
    expect(new Set(numbers).size).to.equal(numbers.length);
    const users = await get<Listed<Json>>('/users?limit=100', operator);
    expect(users.body.items.length).to.be.greaterThan(5);
    expect(users.body.items[0]).not.to.have.property('person');
  });

  it('says when it cannot answer as of a position in time', async () => {
    const path = '/pos/v1/users/8018000000000000000000014/balance?minPosition=999999999999';
    const answer = await send('GET', path, product.tillToken);
    expect([answer.status, answer.body['code']]).to.deep.equal([503, 'position-not-reached']);
    expect(answer.headers.get('retry-after')).to.equal('1');
  });
});

/** Finds the operation of a request and checks its answer's body against the document's schema for that status. */
const documentCheck = (document: Json) => {
  const ajv = addFormats.default(new Ajv({ strict: false, allErrors: true }));
  ajv.addSchema({ $id: 'api', ...document });
  const paths = Object.keys(document['paths'] as Json);
  const patterns = paths.map((path) => ({
    path,
    pattern: new RegExp(`^${path.replace(/\/$/, '').replace(/\{\w+\}/g, '[^/]+')}/?$`),
    literals: path.split('/').filter((part) => !part.startsWith('{')).length,
  }));
  return (method: string, target: string, answer: Answer<unknown>): void => {
    const wanted = target.split('?')[0] ?? '';
    const [found] = patterns
      .filter(({ path, pattern }) => {
        const methods = (document['paths'] as Record<string, Json>)[path] ?? {};
        return pattern.test(wanted) && method.toLowerCase() in methods;
      })
      .sort((a, b) => b.literals - a.literals);
    expect(found, `${method} ${wanted} in the document`).not.to.equal(undefined);
    const type = answer.status < 400 ? 'application/json' : 'application/problem+json';
    const parts = [
      'paths',
      found?.path ?? '',
      method.toLowerCase(),
      'responses',
      String(answer.status),
    ];
    const pointer = parts.map((part) => part.replace(/~/g, '~0').replace(/\//g, '~1')).join('/');
    const operation = (document['paths'] as Record<string, Record<string, Json>>)[
      found?.path ?? ''
    ];
    const responses = operation?.[method.toLowerCase()]?.['responses'] as Record<string, Json>;
    expect(responses, `${method} ${wanted}`).to.include.keys(String(answer.status));
    if (!('content' in (responses[String(answer.status)] ?? {}))) return;
    const content = `${pointer}/content/${type.replace(/\//g, '~1')}/schema`;
    const $ref = `api#/${content.split('/').map(encodeURIComponent).join('/')}`;
    const validate = ajv.compile({ $ref });
    expect(
      validate(answer.body),
      `${method} ${wanted}: ${ajv.errorsText(validate.errors)}`,
    ).to.equal(true);
  };
};
