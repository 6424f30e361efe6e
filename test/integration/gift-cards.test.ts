/** Gift cards in the whole product: sold at a till, paying, given back, and what the console and the settlement say of it. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { type Cleanup, createCleanup } from '../../bench/cleanup.js';
import { type Product, startProduct } from '../../bench/product/product.js';
import { eventually } from '../unit/workers/eventually.js';

type Json = Record<string, unknown>;

const requestDeadlineMs = 30_000;
const line = { productId: '85123A', quantity: 2, price: 500 };

describe('gift cards in the whole product', function () {
  this.timeout(120_000);
  const faults: unknown[] = [];
  let cleanup: Cleanup;
  let product: Product;
  let operator: string;
  let merchantId: number;
  let numbers: string[];

  const call = async (method: string, path: string, token: string, sent?: object) => {
    const response = await fetch(`${product.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(sent ? { 'content-type': 'application/json', 'idempotency-key': randomUUID() } : {}),
      },
      ...(sent ? { body: JSON.stringify(sent) } : {}),
      signal: AbortSignal.timeout(requestDeadlineMs),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, text, body: (isJson ? JSON.parse(text) : {}) as Json };
  };
  const till = async (path: string, sent: object) => {
    const answer = await call('POST', `/pos/v1${path}`, product.tillToken, sent);
    expect(answer.status, answer.text).to.be.oneOf([200, 201]);
    return answer.body;
  };
  const console = async (path: string, sent?: object) => {
    const answer = await call(sent ? 'POST' : 'GET', `/admin/v1${path}`, operator, sent);
    expect(answer.status, answer.text).to.be.oneOf([200, 201]);
    return answer;
  };
  const available = async (place: number) =>
    (await till('/gift-cards/balance', { number: numbers[place] }))['available'];

  before(async () => {
    cleanup = createCleanup((error) => faults.push(error));
    product = await startProduct({ dataDir: cleanup.folder('gift-cards'), cleanup });
    const { login, password } = product.operator;
    const logon = { tenant: 'demo', login, password };
    operator = (await till('/logon', logon))['token'] as string;
    const { items } = (await console('/merchants')).body as { items: Json[] };
    merchantId = items[0]?.['merchantId'] as number;
    const series = { seriesId: 'books', name: 'Books', merchantId, least: 100, most: 10_000 };
    await console('/gift-card-series', series);
    await console('/gift-card-series/books/cards', { count: 3 });
    const csv = (await console('/gift-card-series/books/numbers.csv')).text;
    numbers = csv
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((row) => row.split(',')[1] ?? '');
  });
  after(async () => {
    await cleanup.run();
    expect(faults, 'faults of the clean-up').to.be.empty;
  });

  it('pay, are settled by the worker, and get their money back', async () => {
    await till('/gift-cards/sales', { number: numbers[0], amount: 2_500 });
    const { userId } = await till('/users', {});
    const purchases = `/users/${String(userId)}/purchases`;
    const giftCards = [{ number: numbers[0] }];
    const paid = await till(purchases, { purchaseId: 'g1', lines: [line], giftCards });
    expect(paid).to.include({ paidByGiftCards: 1_000, toPay: 0 });
    const again = await till('/purchases', { purchaseId: 'g1', lines: [line], giftCards });
    expect(again).to.include({ paidByGiftCards: 1_000, toPay: 0 });
    expect(await available(0)).to.equal(500);
    const returned = await till(`${purchases}/g1/returns`, { returnId: 'r1' });
    expect(returned).to.include({ refund: 0, refundedToGiftCards: 1_000 });
    await eventually(async () => expect(await available(0)).to.equal(1_500));
    // What is reserved is not there either: that it is spent may be recorded later.
    await eventually(async () => {
      const { body } = await console('/gift-cards/books:0');
      expect((body['history'] as Json[]).map(({ type }) => type)).to.have.members([
        'GiftCardActivated',
        'GiftCardChargeReserved',
        'GiftCardChargeSpent',
        'GiftCardChargeReserved',
        'GiftCardChargeSpent',
        'GiftCardRefunded',
      ]);
    });
  });

  it('are never spent twice by tills that race', async () => {
    await till('/gift-cards/sales', { number: numbers[1], amount: 1_000 });
    const giftCards = [{ number: numbers[1], amount: 300 }];
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => {
        const sale = { purchaseId: `race${n}`, lines: [line], giftCards };
        return call('POST', '/pos/v1/purchases', product.tillToken, sale);
      }),
    );
    expect(answers.filter(({ status }) => status === 201)).to.have.lengthOf(3);
    for (const { status, body } of answers) {
      if (status !== 201) expect(body['code']).to.equal('gift-card-too-little');
    }
    expect(await available(1)).to.equal(100);
  });

  it('are added up for the console, and equal what the cards say', async () => {
    await eventually(async () => {
      const { items } = (await console('/gift-card-liability')).body as { items: Json[] };
      expect(items[0]).to.include({ seriesId: 'books', cardsSold: 2, sold: 3_500 });
      expect(items[0]).to.include({ outstanding: 1_600 });
    });
    await eventually(async () => {
      const { items } = (await console('/gift-card-use')).body as { items: Json[] };
      expect(items).to.have.lengthOf(1);
      expect(items[0]).to.include({ merchantId, charges: 5, charged: 2_900, refunded: 1_000 });
    });
  });

  it('leave no number in what auditors read', async () => {
    const events = await call('GET', '/audit/v1/events?limit=1000', operator);
    expect(events.status, events.text).to.equal(200);
    expect(events.text).to.contain('books:0');
    for (const number of numbers) {
      expect(events.text).not.to.contain(number);
      expect(events.text).not.to.contain(number.replaceAll('-', ''));
    }
  });
});
