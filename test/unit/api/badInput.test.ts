import { expect } from 'chai';
import request from 'supertest';
import { openTestShop, type TestShop } from './testShop.js';

const line = { productId: '85123A', quantity: 2, price: 300 };

describe('what a till sends wrongly', () => {
  let shop: TestShop;
  let purchases: string;
  before(async () => {
    shop = await openTestShop({ limits: { bodyBytesMax: 20_000 }, withOwner: false });
    purchases = `/users/${shop.userId}/purchases`;
  });
  after(() => shop.close());

  const refusal = async (sent: request.Test) => {
    const { status, body, headers } = await sent;
    expect(headers['content-type']).to.equal('application/problem+json');
    expect(body).to.include.keys('type', 'title', 'status', 'detail', 'code', 'correlationId');
    expect(body.status).to.equal(status);
    const { type: _type, title: _title, detail: _detail, correlationId: _id, ...rest } = body;
    return rest;
  };
  const faults = (...list: [string, string, string][]) => ({
    status: 400,
    code: 'invalid-input',
    faults: list.map(([part, pointer, reason]) => ({ in: part, pointer, reason })),
  });

  it('too large', async () => {
    const lines = Array.from({ length: 1_000 }, () => line);
    expect(await refusal(shop.post(purchases, { purchaseId: 'p', lines }))).to.deep.equal({
      status: 413,
      code: 'body-too-large',
      bytesMax: 20_000,
    });
  });

  it('too deep', async () => {
    const body = `{"purchaseId":${'['.repeat(33)}${']'.repeat(33)}}`;
    expect(await refusal(shop.post(purchases, body))).to.deep.equal({
      status: 400,
      code: 'body-too-deep',
      depthMax: 32,
    });
  });

  it('of the wrong type, every fault named', async () => {
    const lines = [{ productId: 7, quantity: '2', price: 3.5 }, line];
    expect(await refusal(shop.post(purchases, { purchaseId: 'p', lines }))).to.deep.equal(
      faults(
        ['body', '/lines/0/productId', 'must be string'],
        [
          'body',
          '/lines/0/quantity',
          'must be a number above 0, at most 1000000, with at most 3 decimals',
        ],
        ['body', '/lines/0/price', 'must be integer'],
      ),
    );
  });

  for (const quantity of [0, -1, 1.2345, 1e-9, 1_000_001, 1e308, true, null, [2], '2']) {
    it(`with a quantity of ${JSON.stringify(quantity)}`, async () => {
      const body = { purchaseId: 'p', lines: [{ ...line, quantity }] };
      const reason = 'must be a number above 0, at most 1000000, with at most 3 decimals';
      expect(await refusal(shop.post(purchases, body))).to.deep.equal(
        faults(['body', '/lines/0/quantity', reason]),
      );
    });
  }

  it('with text that no store takes', async () => {
    const reason = 'holds the character U+0000, or half a surrogate pair';
    for (const escape of ['\\u0000', '\\uD800', '\\udc00x']) {
      const body = `{"purchaseId":"p","lines":[{"productId":"a${escape}"}]}`;
      expect(await refusal(shop.post(purchases, body))).to.deep.equal(
        faults(['body', '/lines/0/productId', reason]),
      );
    }
    const pair = `{"purchaseId":"p","lines":[{"productId":"\\ud83d\\ude00","quantity":"\\\\u0000"}]}`;
    const { faults: told } = (await refusal(shop.post(purchases, pair))) as never as {
      faults: { reason: string }[];
    };
    expect(told.map(({ reason: one }) => one)).to.not.include(reason);
  });

  it('with unknown fields', async () => {
    const body = { purchaseId: 'p', lines: [{ ...line, colour: 'red' }], constructor: 1 };
    expect(await refusal(shop.post(purchases, body))).to.deep.equal(
      faults(
        ['body', '/constructor', 'is not a known field'],
        ['body', '/lines/0/colour', 'is not a known field'],
      ),
    );
  });

  it('with a prototype for a field', async () => {
    const body = `{"purchaseId":"p","lines":[${JSON.stringify(line)}],"__proto__":{"tillId":"till9"}}`;
    expect(await refusal(shop.post(purchases, body))).to.deep.equal(
      faults(['body', '/__proto__', 'is not a known field']),
    );
  });

  it('saying what the path and the token say', async () => {
    const body = {
      purchaseId: 'p',
      lines: [line],
      userId: shop.userId,
      merchantId: 1,
      tillId: 'x',
    };
    expect(await refusal(shop.post(purchases, body))).to.deep.equal(
      faults(
        ['body', '/userId', 'is part of the path: leave it out'],
        ['body', '/merchantId', 'is said by the token of the till: leave it out'],
        ['body', '/tillId', 'is said by the token of the till: leave it out'],
      ),
    );
  });

  it('leaving fields out', async () => {
    expect(await refusal(shop.post(purchases, {}))).to.deep.equal(
      faults(['body', '/purchaseId', 'is missing'], ['body', '/lines', 'is missing']),
    );
  });

  it('not an object', async () => {
    for (const body of ['[]', 'null', '"x"', '1']) {
      expect(await refusal(shop.post(purchases, body))).to.deep.equal(
        faults(['body', '', 'must be object']),
      );
    }
  });

  it('with a customer that is no GSRN', async () => {
    const body = { purchaseId: 'p', lines: [line] };
    expect(await refusal(shop.post('/users/1/purchases', body))).to.deep.equal(
      faults([
        'path',
        '/userId',
        'must match pattern "^[0-9]{25}$", such as 8018000010000000000000013',
      ]),
    );
  });

  it('with a time that is none', async () => {
    const body = { purchaseId: 'p', lines: [line], offline: true, occurredAt: 'yesterday' };
    expect(await refusal(shop.post(purchases, body))).to.deep.equal(
      faults(['body', '/occurredAt', 'must be a time in ISO 8601 such as 2026-03-01T12:00:00Z']),
    );
  });

  it('as broken JSON, with the place', async () => {
    expect(await refusal(shop.post(purchases, '{"purchaseId": "p",\n "lines": [}'))).to.deep.equal({
      status: 400,
      code: 'broken-json',
      offset: 31,
      line: 2,
      column: 12,
    });
  });

  it('as bytes that are not UTF-8', async () => {
    const broken = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]);
    const sent = request(shop.app)
      .post(`/pos/v1${purchases}`)
      .set('authorization', `Bearer ${shop.tokens.till}`)
      .set('content-type', 'application/json')
      .serialize((body: unknown) => body as string)
      .send(broken);
    expect(await refusal(sent)).to.deep.equal({ status: 400, code: 'broken-json' });
  });

  it('for a customer of another programme: there is no such customer', async () => {
    const body = { purchaseId: 'p', lines: [line] };
    expect(await refusal(shop.post(purchases, body, shop.tokens.stranger))).to.deep.equal({
      status: 404,
      code: 'account-not-found',
    });
  });

  it('by an app, for a till of another programme', async () => {
    const sent = shop
      .post(purchases, { purchaseId: 'p', lines: [line] }, shop.tokens.strangerApp)
      .set('x-till-token', shop.tokens.till);
    expect(await refusal(sent)).to.deep.equal({ status: 403, code: 'foreign-tenant' });
  });

  it("by a foreign merchant's till: a return and a cancellation", async () => {
    await shop.post(purchases, { purchaseId: 'foreign', lines: [line] }).expect(201);
    const { foreign } = shop.tokens;
    const refused = { status: 403, code: 'foreign-merchant', purchaseId: 'foreign' };
    const giveBack = shop.post(`${purchases}/foreign/returns`, { returnId: 'r' }, foreign);
    expect(await refusal(giveBack)).to.deep.equal(refused);
    const cancel = shop.post(`${purchases}/foreign/cancel`, { reason: 'x' }, foreign);
    expect(await refusal(cancel)).to.deep.equal(refused);
    const rest = shop.post(`${purchases}/foreign/returns`, { returnId: 'r' }, shop.tokens.other);
    expect((await rest).status).to.equal(201);
  });

  it("by a foreign merchant's till: a receipt without a customer", async () => {
    await shop.post('/purchases', { purchaseId: 'anonymous', lines: [line] }).expect(201);
    const body = { returnId: 'r', soldAtTillId: 'till1' };
    const sent = shop.post('/purchases/anonymous/returns', body, shop.tokens.foreign);
    expect(await refusal(sent)).to.include({ status: 403, code: 'foreign-merchant' });
  });

  it('with an idempotency key that is none', async () => {
    const sent = shop
      .post(purchases, { purchaseId: 'p', lines: [line] })
      .set('idempotency-key', 'x'.repeat(201));
    expect(await refusal(sent)).to.deep.equal(
      faults(['header', '/Idempotency-Key', 'must be 1 to 200 visible ASCII characters']),
    );
  });

  it('leaves nothing of it in the log of facts', () => {
    const confirmed = shop.types().filter((type) => type.endsWith('PurchaseConfirmed'));
    expect(confirmed).to.deep.equal(['PurchaseConfirmed', 'AnonymousPurchaseConfirmed']);
  });
});
