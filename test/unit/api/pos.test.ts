import { expect } from 'chai';
import request from 'supertest';
import { openTestShop, type TestShop } from './testShop.js';

const line = { productId: '85123A', quantity: 2, price: 300 };
const weighed = { productId: 'NUTS', quantity: 0.345, price: 1_000 };

describe('a till at the POS API', () => {
  let shop: TestShop;
  let purchases: string;
  before(async () => {
    shop = await openTestShop();
    purchases = `/users/${shop.userId}/purchases`;
  });
  after(() => shop.close());

  it('confirms a purchase, and gets the first answer again when it repeats it', async () => {
    const body = { purchaseId: 'p1', lines: [line, weighed] };
    const first = await shop.post(purchases, body).expect(201);
    expect(first.body).to.include({ purchaseId: 'p1', total: 945, toPay: 945, pointsEarned: 945 });
    expect(first.body.lines.map((one: { quantity: number }) => one.quantity)).to.deep.equal([
      2, 0.345,
    ]);
    expect(first.headers['kopilka-position']).to.equal(first.body.position);
    const again = await shop.post(purchases, body).expect(200);
    expect(again.body).to.deep.equal({ ...first.body, repeated: true });
  });

  it('may send the receipt again as an offline one, but no other receipt under its number', async () => {
    const late = { purchaseId: 'p1', lines: [line, weighed], offline: true };
    const again = await shop.post(purchases, late).expect(200);
    expect(again.body).to.include({ purchaseId: 'p1', total: 945, repeated: true, position: null });
    const another = await shop.post(purchases, { purchaseId: 'p1', lines: [line] }).expect(409);
    expect(another.body.code).to.equal('purchase-exists');
  });

  it('may not use an idempotency key for two things', async () => {
    const keyed = (purchaseId: string) =>
      shop.post(purchases, { purchaseId, lines: [line] }).set('idempotency-key', 'k1');
    await keyed('p2').expect(201);
    await keyed('p2').expect(200);
    expect((await keyed('p3').expect(409)).body.code).to.equal('idempotency-key-reused');
    // Another till's key is another key.
    const body = { purchaseId: 'p3', lines: [line] };
    await shop.post(purchases, body, shop.tokens.other).set('idempotency-key', 'k1').expect(201);
  });

  it('is quoted without anything being recorded, and confirms what it was quoted', async () => {
    const before = shop.types().length;
    const quote = await shop
      .post(`${purchases}/quote`, { lines: [line], redeemPoints: 500 })
      .expect(200);
    expect(quote.body.asAsked).to.include({ pointsRedeemed: 500, paidByPoints: 5, toPay: 595 });
    expect(quote.body.lines[0].quantity).to.equal(2);
    expect(shop.types().length).to.equal(before);
    const { quoteId } = quote.body;
    const order = { purchaseId: 'q1', lines: [line], redeemPoints: 500, quoteId };
    const changed = await shop
      .post(purchases, { ...order, lines: [{ ...line, price: 301 }] })
      .expect(409);
    expect(changed.body.code).to.equal('price-changed');
    expect(changed.body.quote.lines[0].quantity).to.equal(2);
    await shop.post(purchases, order).expect(201);
  });

  it('gives goods back by quantity, and not more than was bought', async () => {
    await shop.post(purchases, { purchaseId: 'r1', lines: [line, weighed] }).expect(201);
    const part = { returnId: 'b1', lines: [{ position: 2, quantity: 0.1 }] };
    const returned = await shop.post(`${purchases}/r1/returns`, part).expect(201);
    expect(returned.body).to.include({ amount: 100, complete: false });
    expect(returned.body.lines[0].quantity).to.equal(0.1);
    const much = { returnId: 'b2', lines: [{ position: 2, quantity: 0.3 }] };
    const refused = await shop.post(`${purchases}/r1/returns`, much).expect(409);
    expect(refused.body).to.include({ code: 'return-exceeds-purchase', asked: 0.3, left: 0.245 });
    const all = await shop.post(`${purchases}/r1/returns`, { returnId: 'b3' }).expect(201);
    expect(all.body).to.include({ amount: 845, complete: true });
  });

  it('cancels a purchase, once', async () => {
    await shop.post(purchases, { purchaseId: 'c1', lines: [line] }).expect(201);
    const first = await shop.post(`${purchases}/c1/cancel`, { reason: 'mistake' }).expect(200);
    expect(first.body).to.include({ refund: 600, repeated: false });
    const again = await shop.post(`${purchases}/c1/cancel`, { reason: 'another word' }).expect(200);
    expect(again.body).to.include({ refund: 600, reason: 'mistake', repeated: true });
  });

  it('confirms, returns and cancels receipts of nobody', async () => {
    await shop.post('/purchases', { purchaseId: 'a1', lines: [weighed] }).expect(201);
    const part = { returnId: 'ar1', lines: [{ position: 1, quantity: 0.045 }] };
    const returned = await shop.post('/purchases/a1/returns', part).expect(201);
    expect(returned.body).to.include({ amount: 45, refund: 45, complete: false });
    const cancelled = await shop.post('/purchases/a1/cancel', { reason: 'mistake' }).expect(200);
    expect(cancelled.body).to.include({ amount: 300, reason: 'mistake' });
    const spend = await shop.post('/purchases', {
      purchaseId: 'a2',
      lines: [line],
      redeemPoints: 1,
    });
    expect([spend.status, spend.body.code]).to.deep.equal([422, 'redemption-not-allowed']);
  });

  it('acts through an app under its own number and the app as the actor', async () => {
    const body = { purchaseId: 'app1', lines: [line] };
    const sent = await shop
      .post(purchases, body, shop.tokens.app)
      .set('x-till-token', shop.tokens.till);
    expect(sent.status).to.equal(201);
    expect(shop.lines.at(-1)?.fields).to.include({ actor: 'app:app1', command: 'ConfirmPurchase' });
    // The till itself asks again, without the app: the same receipt.
    await shop.post(purchases, body).expect(200);
  });

  it('enrols customers under a key, and gives, blocks and replaces cards', async () => {
    const ann = { name: 'Ann', phone: '+442079460018', cardNumber: '2200000000055' };
    await shop.post('/users', ann).expect(400);
    const enrol = () => shop.post('/users', ann).set('idempotency-key', 'enrol-ann');
    const { body } = await enrol().expect(201);
    expect(body).to.include({ cardNumber: '2200000000055', merchantId: 1 });
    expect((await enrol().expect(200)).body.userId).to.equal(body.userId);
    const taken = await shop
      .post('/users', { phone: '020 7946 0018', country: 'GB' })
      .set('idempotency-key', 'k');
    expect([taken.status, taken.body.code]).to.deep.equal([409, 'contact-taken']);
    await shop.post('/cards/2200000000055/block', { reason: 'lost' }).expect(200);
    const replaced = await shop
      .post('/cards/2200000000055/replace', { reason: 'lost', replacement: '2200000000062' })
      .set('idempotency-key', 'replace')
      .expect(200);
    expect(replaced.body).to.include({ userId: body.userId, replacement: '2200000000062' });
    const unknown = await shop.post('/cards/2200000009999/block', { reason: 'lost' }).expect(404);
    expect(unknown.body.code).to.equal('card-not-found');
    const issued = await shop
      .post('/cards', { userId: body.userId })
      .set('idempotency-key', 'issue')
      .expect(201);
    expect(issued.body.cardNumber).to.match(/^22\d{17}$/);
  });

  it('enrols customers with the language they are written to in, and changes it once', async () => {
    const enrol = (language: string, key: string) =>
      shop.post('/users', { language }).set('idempotency-key', key);
    const { body } = await enrol('DE-at', 'enrol-1').expect(201);
    await enrol('de-AT', 'enrol-1').expect(200); // the same wish in other letters
    const chosen = () => shop.log.facts.filter(({ type }) => type === 'LanguageChosen');
    expect(chosen().map(({ data }) => data)).to.deep.equal([{ language: 'de-AT' }]);
    const change = (language: unknown, key: string) =>
      request(shop.app)
        .put(`/pos/v1/users/${body.userId}/language`)
        .set('authorization', `Bearer ${shop.tokens.till}`)
        .set('idempotency-key', key)
        .send({ language });
    expect((await change('FR', 'fr-1').expect(200)).body).to.include({ language: 'fr' });
    expect((await change('FR', 'fr-1').expect(200)).body).to.include({ language: 'fr' });
    await change('fr', 'fr-2').expect(200);
    expect((await change(null, 'none').expect(200)).body).to.include({ language: null });
    expect(chosen()).to.have.length(3);
    for (const wrong of ['german', 'de-x-ann', 'de_AT', 7]) {
      const refused = await change(wrong, `no-${wrong}`).expect(400);
      expect(JSON.stringify(refused.body)).to.include('/language');
    }
    const nobody = await enrol('+442079460018', 'enrol-2').expect(400);
    expect(JSON.stringify(nobody.body)).to.include('/language');
  });

  it('keeps the products of its merchant, and sees no others', async () => {
    const heart = { productId: 'HEART', name: 'Heart', price: 295 };
    expect((await shop.post('/products', heart).expect(201)).body.merchantId).to.equal(1);
    const foreign = request(shop.app)
      .get('/pos/v1/products/HEART')
      .set('authorization', `Bearer ${shop.tokens.foreign}`);
    expect((await foreign.expect(404)).body.code).to.equal('product-not-found');
    const shared = await shop.post('/products', { ...heart, productId: 'ALL', merchantId: null });
    expect([shared.status, shared.body.code]).to.deep.equal([403, 'forbidden']);
    const others = await shop.post('/products', { ...heart, productId: 'B', merchantId: 2 });
    expect([others.status, others.body.code]).to.deep.equal([403, 'foreign-merchant']);
    const put = await request(shop.app)
      .put('/pos/v1/products/HEART')
      .set('authorization', `Bearer ${shop.tokens.till}`)
      .send({ name: 'Heart', price: 255 });
    expect(put.body).to.include({ price: 255, merchantId: 1 });
  });

  it('pages through the catalogue', async () => {
    for (let i = 0; i < 5; i += 1) {
      await shop
        .post('/products', { productId: `PAGE${i}`, name: 'x', category: 'paged' })
        .expect(201);
    }
    const found: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const after: string = next === '' ? '' : `&after=${next}`;
      const { body } = await request(shop.app)
        .get(`/pos/v1/products?category=paged&limit=2${after}`)
        .set('authorization', `Bearer ${shop.tokens.till}`)
        .expect(200);
      found.push(...body.items.map((one: { productId: string }) => one.productId));
      next = body.next;
    }
    expect(found).to.deep.equal(['PAGE0', 'PAGE1', 'PAGE2', 'PAGE3', 'PAGE4']);
  });
});

describe('an operator at the POS API', () => {
  let shop: TestShop;
  before(async () => (shop = await openTestShop()));
  after(() => shop.close());
  const as = (method: 'get' | 'post' | 'delete', path: string, token = shop.owner) =>
    request(shop.app)[method](`/pos/v1${path}`).set('authorization', `Bearer ${token}`);

  it('adjusts points under a key', async () => {
    const adjust = (points: number, key: string) =>
      as('post', `/users/${shop.userId}/adjustments`)
        .set('idempotency-key', key)
        .send({ points, reason: 'sorry' });
    expect((await adjust(500, 'a1').expect(201)).body).to.include({ points: 500, repeated: false });
    expect((await adjust(500, 'a1').expect(200)).body.repeated).to.equal(true);
    expect((await adjust(-600, 'a2').expect(409)).body.code).to.equal('not-enough-points');
    const zero = await adjust(0, 'a3').expect(400);
    expect(zero.body.faults[0].pointer).to.equal('/points');
    const keyless = as('post', `/users/${shop.userId}/adjustments`).send({
      points: 1,
      reason: 'x',
    });
    expect((await keyless.expect(400)).body.code).to.equal('idempotency-key-missing');
  });

  it('registers a till whose token is shown once and works, until it is revoked', async () => {
    const register = () =>
      as('post', '/tokens')
        .set('idempotency-key', 't1')
        .send({ merchantId: 1, pointOfSaleId: 10, name: 'New' });
    const { body } = await register().expect(201);
    expect(body.token).to.match(/^kpt\.demo\.till[0-9a-f]{16}\.[\w-]{43}$/);
    expect((await register().expect(200)).body.token).to.equal(null);
    const who = await as('get', '/logon', body.token).expect(200);
    expect(who.body).to.include({
      kind: 'till',
      tillId: body.tillId,
      merchantId: 1,
      currency: 'GBP',
    });
    await as('get', `/tokens/${body.token}`, body.token).expect(200);
    const spying = await as('get', `/tokens/${body.tillId}`, shop.tokens.till).expect(404);
    expect(spying.body.code).to.equal('till-not-found');
    await as('delete', `/tokens/${body.tillId}`).expect(200);
    const after = await as('get', '/logon', body.token).expect(401);
    expect(after.body.code).to.equal('token-revoked');
    expect(JSON.stringify(shop.lines)).not.to.contain(body.token.split('.')[3]);
  });

  it('closes an account, and erases a person only when told so', async () => {
    const closed = await as('delete', `/users/${shop.userId}`).expect(200);
    expect(closed.body).to.include({ erased: false, forfeited: 500 });
    const erased = await as('delete', `/users/${shop.userId}?erase=true`).expect(200);
    expect(erased.body.erased).to.equal(true);
    expect(shop.types().slice(-2)).to.include('PersonErased');
  });
});
