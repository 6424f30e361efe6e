/** Gift cards through the routes of the console and of the tills, from the series to the last return. */
import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { adminRoutes, type AdminOptions } from '../../../api/admin/routes.js';
import type { History } from '../../../api/audit/history.js';
import type { Handler } from '../../../commands/handle.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { openTestShop, type TestShop } from '../api/testShop.js';

const series = '/admin/v1/gift-card-series';
const line = { productId: '85123A', quantity: 2, price: 500 };

describe('gift cards through the API', () => {
  let shop: TestShop;
  let numbers: string[];

  const send = (method: 'get' | 'post', path: string, body?: object) => {
    const call = request(shop.app)
      [method](path)
      .set('authorization', `Bearer ${shop.owner}`)
      .set('idempotency-key', randomUUID());
    return body === undefined ? call : call.send(body);
  };

  before(async () => {
    let handler: Handler | undefined;
    const history: Pick<History, 'stream'> = {
      stream: async () => ({ facts: [], next: null }),
    };
    shop = await openTestShop({
      withRoutes: (own) => {
        handler = own;
        return adminRoutes({ handler, history } as unknown as AdminOptions);
      },
    });
    const books = { seriesId: 'books', name: 'Books', merchantId: 1, least: 500, most: 50_000 };
    const opened = await send('post', series, books).expect(201);
    expect(opened.body).to.deep.include({ seriesId: 'books', currency: 'GBP', issued: 0 });
    expect((await send('post', series, books).expect(200)).body).to.deep.equal(opened.body);
    await send('post', `${series}/books/cards`, { count: 20 }).expect(201);
    const csv = (await send('get', `${series}/books/numbers.csv`).expect(200)).text;
    const lines = csv.trimEnd().split('\r\n');
    expect(lines[0]).to.equal('card,number');
    expect(lines[3]).to.match(/^books:2,([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
    numbers = lines.slice(1).map((one) => one.split(',')[1] ?? '');
  });
  after(() => shop.close());

  const number = (place: number) => numbers[place] ?? '';
  const balance = (of: string) => shop.post('/gift-cards/balance', { number: of });
  const sell = (place: number, amount: number, token?: string) =>
    shop.post('/gift-cards/sales', { number: number(place), amount }, token);

  it('sells a card once, by a till of its issuer, and says what is on it', async () => {
    expect((await balance(number(0)).expect(200)).body).to.include({
      ...{ card: 'books:0', status: 'not-sold', available: 0 },
    });
    const foreign = await sell(0, 2_500, shop.tokens.foreign).expect(403);
    expect(foreign.body.code).to.equal('foreign-merchant');
    const wrong = await sell(0, 499).expect(422);
    expect(wrong.body).to.include({ code: 'gift-card-amount-wrong', least: 500, most: 50_000 });
    const sold = await sell(0, 2_500).expect(201);
    expect(sold.body).to.include({ card: 'books:0', amount: 2_500, currency: 'GBP' });
    const again = await sell(0, 2_500).expect(200);
    expect(again.body).to.deep.equal({ ...sold.body, position: null, repeated: true });
    expect((await sell(0, 2_600).expect(409)).body.code).to.equal('gift-card-sold');
    expect((await balance(number(0).toLowerCase()).expect(200)).body).to.include({
      ...{ status: 'usable', available: 2_500, reserved: 0 },
    });
  });

  it('takes a sale back at the till, and sells the card anew for the same amount', async () => {
    await sell(6, 700).expect(201);
    const cancel = (token?: string) => {
      const body = { number: number(6), reason: 'wrong card' };
      return shop.post('/gift-cards/sales/cancellation', body, token);
    };
    expect((await cancel(shop.tokens.foreign).expect(403)).body.code).to.equal('foreign-merchant');
    const first = await cancel().expect(200);
    expect(first.body).to.include({ card: 'books:6', refund: 700, repeated: false });
    expect((await cancel().expect(200)).body).to.include({ refund: 700, repeated: true });
    expect((await balance(number(6)).expect(200)).body).to.include({ status: 'not-sold' });
    expect((await sell(6, 700).expect(201)).body).to.include({ repeated: false });
    expect((await balance(number(6)).expect(200)).body).to.include({ available: 700 });
    const giftCards = [{ number: number(6), amount: 1 }];
    await shop.post('/purchases', { purchaseId: 'c1', lines: [line], giftCards }).expect(201);
    expect((await cancel().expect(409)).body.code).to.equal('gift-card-used');
  });

  it('does not know a number that is off by a letter, and does not tell it again', async () => {
    const forged = number(0).replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const { body } = await balance(forged).expect(404);
    expect(body.code).to.equal('gift-card-not-found');
    expect(JSON.stringify(body)).not.to.contain(forged);
  });

  it('pays a receipt of a customer, shown in the quote before', async () => {
    await sell(1, 700).expect(201);
    const purchases = `/users/${shop.userId}/purchases`;
    const giftCards = [{ number: number(1) }];
    const quoted = await shop.post(`${purchases}/quote`, { lines: [line], giftCards }).expect(200);
    expect(quoted.body).to.include({ paidByGiftCards: 700, toPay: 300 });
    expect(quoted.body.texts.cashier).to.match(/Gift cards pay .*7\.00.*; left to pay: .*3\.00/);
    const order = { purchaseId: 'g1', lines: [line], giftCards, quoteId: quoted.body.quoteId };
    const { body } = await shop.post(purchases, order).expect(201);
    expect(body).to.include({ paidByGiftCards: 700, toPay: 300, pointsEarned: 1_000 });
    expect(body.texts.cashier).to.contain('gift cards pay the rest');
    expect(JSON.stringify(body)).not.to.contain(number(1));
    const returned = await shop
      .post(`${purchases}/g1/returns`, { returnId: 'b1', lines: [{ position: 1, quantity: 1 }] })
      .expect(201);
    expect(returned.body).to.include({ refund: 150, refundedToGiftCards: 350 });
    const more = { purchaseId: 'g2', lines: [line], giftCards: [{ ...giftCards[0], amount: 1 }] };
    const refused = await shop.post(purchases, more).expect(409);
    expect(refused.body).to.include({ code: 'gift-card-too-little', available: 0, asked: 1 });
  });

  it('pays anonymous receipts, and the answer stays as it was without cards', async () => {
    await sell(2, 500).expect(201);
    const giftCards = [{ number: number(2), amount: 100 }];
    const { body } = await shop
      .post('/purchases', { purchaseId: 'a1', lines: [line], giftCards })
      .expect(201);
    expect(body).to.include({ paidByGiftCards: 100, toPay: 900 });
    const plain = await shop.post('/purchases', { purchaseId: 'a2', lines: [line] }).expect(201);
    expect(plain.body).not.to.have.any.keys('giftCards', 'paidByGiftCards');
  });

  it('is stopped and let go on at the console, and found by its number', async () => {
    await sell(3, 500).expect(201);
    const of = '/admin/v1/gift-cards';
    await send('post', `${of}/books:3/blocking`, { reason: 'lost' }).expect(200);
    expect((await balance(number(3)).expect(200)).body).to.include({ status: 'blocked' });
    const giftCards = [{ number: number(3) }];
    const body = { purchaseId: 'a3', lines: [line], giftCards };
    expect((await shop.post('/purchases', body).expect(409)).body.code).to.equal(
      'gift-card-blocked',
    );
    const found = await send('post', `${of}/identification`, { number: number(3) }).expect(200);
    expect(found.body).to.include({ card: 'books:3', state: 'blocked', balance: 500, sold: 500 });
    await send('post', `${of}/books:3/unblocking`, { reason: 'found' }).expect(200);
    await shop.post('/purchases', body).expect(201);
    expect((await send('get', `${of}/books:99`).expect(404)).body.code).to.equal(
      'gift-card-not-found',
    );
  });

  it('takes nothing of a blocked series, and sells none of a closed one that still pays', async () => {
    await sell(4, 500).expect(201);
    const giftCards = [{ number: number(4), amount: 10 }];
    const pay = (purchaseId: string) =>
      shop.post('/purchases', { purchaseId, lines: [line], giftCards });
    await send('post', `${series}/books/blocking`, { reason: 'stolen' }).expect(200);
    expect((await pay('s1').expect(409)).body.code).to.equal('gift-card-series-blocked');
    await send('post', `${series}/books/closing`, { reason: 'new design' }).expect(200);
    await pay('s2').expect(201);
    expect((await sell(5, 500).expect(409)).body.code).to.equal('series-closed');
  });

  it('is told of in a guide whose requests go through', async () => {
    const guide = readFileSync(join(packageRoot, 'docs/guides/gift-cards.md'), 'utf8');
    const blocks = [...guide.matchAll(/^`(POST) ([^`]+)`:?\n\n```json\n([\s\S]*?)```/gm)];
    expect(blocks.length).to.be.at.least(7);
    let card = '';
    for (const [, , path = '', text = ''] of blocks) {
      const body = JSON.parse(text.replaceAll('0018-H30D-SRPC-0PJG', card)) as object;
      const to = path.replace('{userId}', shop.userId);
      const call = to.startsWith('/admin')
        ? send('post', to, body)
        : shop.post(to.replace('/pos/v1', ''), body);
      const answer = await call;
      expect(answer.status, `${path}: ${JSON.stringify(answer.body)}`).to.be.oneOf([200, 201]);
      if (!path.endsWith('/cards')) continue;
      const csv = await send('get', path.replace(/cards$/, 'numbers.csv?count=1')).expect(200);
      card = csv.text.trimEnd().split('\r\n')[1]?.split(',')[1] ?? '';
    }
  });
});
