/** The gift cards in a real PostgreSQL: filled from what real commands recorded, asked through the console, compared with a replay. */
import { expect } from 'chai';
import type pg from 'pg';
import request from 'supertest';
import { giftCardFigureRoutes } from '../../../api/admin/giftCardFigures.js';
import { cancelPurchase } from '../../../commands/account/cancelPurchase.js';
import { confirmPurchase } from '../../../commands/account/confirmPurchase.js';
import { blockGiftCard, expireGiftCard } from '../../../commands/giftCard/cardStatus.js';
import { registerOperator } from '../../../commands/registry/registerOperator.js';
import { cancelGiftCardSale } from '../../../commands/giftCard/sellCard.js';
import { confirmAnonymous } from '../../../commands/sales/confirmAnonymous.js';
import { giftCardId } from '../../../domain/giftCard/ids.js';
import type { MerchantId, OperatorId, PurchaseId } from '../../../domain/ids.js';
import { fill } from '../../../projections/fill.js';
import { giftCards } from '../../../projections/giftCards/giftCards.js';
import { dueCards } from '../../../projections/giftCards/queries.js';
import { settlement } from '../../../projections/settlement/settlement.js';
import { entriesOf, statementOf } from '../../../projections/settlement/statement.js';
import { openProjection } from '../../../projections/open.js';
import { verify } from '../../../projections/verify.js';
import { createWaiting } from '../../../projections/waiting.js';
import { createGiftCardExpiry } from '../../../workers/giftCardExpiry.js';
import { operatorToken, testApi } from '../../unit/api/testApi.js';
import { foreignTill, goods, receipt, till } from '../../unit/commands/account/shop.js';
import { demo } from '../../unit/commands/house.js';
import { books, type GiftShop, openGiftShop } from '../../unit/giftCard/commands.js';
import { eventually } from '../../unit/workers/eventually.js';
import { type Database, type Server, startServer } from './database.js';

const day = 86_400_000;

describe('the read model of gift cards', function () {
  this.timeout(120_000);
  let server: Server;
  let database: Database;
  let pool: pg.Pool;
  let shop: GiftShop;
  let app: Parameters<typeof request>[0];
  const closings: (() => unknown)[] = [];
  const signal = new AbortController().signal;

  const head = () => shop.log.facts.at(-1)?.position ?? 0n;
  const bringUp = async () => {
    const targets = [];
    for (const projection of [giftCards, settlement]) {
      targets.push(await openProjection(pool, projection));
    }
    let n = 0;
    const batchSize = () => 1 + ((n += 3) % 7);
    await fill({
      ...{ feed: shop.log, pool, targets, signal, batchSize },
      until: { position: head() },
    });
  };

  before(async () => {
    server = await startServer();
    database = await server.database();
    pool = database.pool();
    shop = await openGiftShop({ validDays: 10 });
    const waiting = createWaiting({ pool });
    closings.push(() => waiting.close());
    const { handler, directory, context, userId } = shop;
    const operator = (id: string, merchantId?: MerchantId) =>
      handler.handle(
        registerOperator,
        {
          ...{ operatorId: id as OperatorId, name: id, password: 'a long enough password' },
          ...{ roles: ['analyst'], ...(merchantId === undefined ? {} : { merchantId }) },
        },
        context(),
      );
    await operator('analyst');
    await operator('bound', foreignTill.merchantId);
    const api = testApi(giftCardFigureRoutes({ pool, waiting }), { directory, now: shop.now });
    closings.push(api.close);
    app = api.app;

    shop.startWorker();
    const numbers = [await shop.sell(0, 1_000), await shop.sell(1, 500), await shop.sell(2, 300)];
    const [a, b] = numbers.map((number) => ({ number }));
    if (!a || !b) throw new Error('no cards');
    const own = { ...receipt('p1', goods(400)), userId, giftCards: [a] };
    await handler.handle(confirmPurchase, own, context());
    const foreign = { ...receipt('a1', goods(250)), ...foreignTill, giftCards: [a] };
    await handler.handle(confirmAnonymous, foreign, context());
    const undone = { ...receipt('p2', goods(450)), userId, giftCards: [b] };
    await handler.handle(confirmPurchase, undone, context());
    const cancel = { ...till, userId, purchaseId: 'p2' as PurchaseId, reason: 'mistake' };
    await handler.handle(cancelPurchase, cancel, context());
    // Sold by mistake, taken back, and sold anew; and one that stays unsold.
    for (const place of [3, 4]) {
      await shop.sell(place, 900);
      const mistake = { ...till, card: giftCardId(books, place), reason: 'mistake' };
      await handler.handle(cancelGiftCardSale, mistake, context());
    }
    await shop.sell(3, 200);
    const why = { card: giftCardId(books, 2), reason: 'lost' };
    await handler.handle(blockGiftCard, why, context());
    await eventually(() => expect(shop.types()).to.include('GiftCardRefunded'));
    await bringUp();
  });
  after(async () => {
    for (const close of closings) await close();
    await shop.close();
    await database.close();
    await server.stop();
    expect(shop.failures).to.deep.equal([]);
  });

  const ask = async (path: string, login = 'analyst') => {
    const token = operatorToken(demo, login, shop.now() + 60_000);
    const answer = await request(app).get(path).set('authorization', `Bearer ${token}`);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
    return answer.body as { items: Record<string, unknown>[]; next: string | null };
  };
  const liability = async () => (await ask('/admin/v1/gift-card-liability')).items[0];

  it('says what is still on the cards of a series, as the cards themselves do', async () => {
    expect(await liability()).to.deep.equal({
      ...{ seriesId: 'books', name: 'Books', issuerId: 1, currency: 'GBP', issued: 100 },
      ...{ cardsSold: 4, sold: 2_000, outstanding: 1_350, blocked: 300, overdue: 0 },
    });
    const { rows } = await pool.query('select card, balance from read.gift_cards order by card');
    for (const { card, balance } of rows as { card: never; balance: unknown }[]) {
      expect((await shop.stateOf(card)).balance, card).to.equal(Number(balance));
    }
  });

  it('says who took how much of whose cards', async () => {
    const { items } = await ask('/admin/v1/gift-card-use');
    const none = { cardsSold: 0, sold: 0, refunds: 0, refunded: 0, expired: 0 };
    const of = { day: '2011-01-01', seriesId: 'books', issuerId: 1 };
    expect(items).to.deep.equal([
      {
        ...{ ...of, merchantId: 1, cardsSold: 4, sold: 2_000, charges: 2, charged: 850 },
        ...{ refunds: 1, refunded: 450, expired: 0 },
      },
      { ...of, ...none, merchantId: 2, charges: 1, charged: 250 },
    ]);
    const bound = await ask('/admin/v1/gift-card-use', 'bound');
    expect(bound.items.map(({ merchantId }) => merchantId)).to.deep.equal([2]);
    expect((await ask('/admin/v1/gift-card-liability', 'bound')).items).to.deep.equal([]);
  });

  it('lets the issuer owe who took its cards, in the month of the receipt', async () => {
    const page = { tenant: demo, merchantId: null, limit: 10 };
    const { rows } = await statementOf(pool, { ...page, month: '2011-01' });
    const none = { opening: 0, redeemed: 0, restored: 0, clawedBack: 0, points: 0 };
    const debt = { issuerId: 1, takerId: 2, ...none, giftCards: 250, closing: 250 };
    expect(rows).to.deep.equal([debt]);
    const entries = await entriesOf(pool, { ...page, month: '2011-01' });
    expect(entries.rows.map(({ kind, userId }) => [kind, userId])).to.deep.equal([
      ['giftCard', 'till:till9'],
    ]);
  });

  it('pages, and finds nothing outside of what was asked for', async () => {
    const first = await ask('/admin/v1/gift-card-use?limit=1');
    expect(first.items).to.have.lengthOf(1);
    const second = await ask(`/admin/v1/gift-card-use?limit=1&after=${first.next}`);
    expect(second.items.map(({ merchantId }) => merchantId)).to.deep.equal([2]);
    expect(second.next).to.equal(null);
    expect((await ask('/admin/v1/gift-card-use?from=2011-01-02')).items).to.deep.equal([]);
  });

  it('takes the cursor of the longest name, and says what is none', async () => {
    const last = ['z'.repeat(40), '2011-01-01', '123456789'];
    const after = Buffer.from(JSON.stringify(last)).toString('base64url');
    expect((await ask(`/admin/v1/gift-card-use?after=${after}`)).items).to.deep.equal([]);
    const token = operatorToken(demo, 'analyst', shop.now() + 60_000);
    for (const list of ['gift-card-use', 'gift-card-liability']) {
      const path = `/admin/v1/${list}?after=junk`;
      const refused = await request(app).get(path).set('authorization', `Bearer ${token}`);
      expect(refused.status, list).to.equal(400);
      expect(refused.body.faults[0]).to.include({ in: 'query', pointer: '/after' });
    }
  });

  it('has what is left taken off cards whose time is over, and equals a whole replay', async () => {
    shop.pass(10 * day);
    expect(await liability()).to.include({ outstanding: 500, overdue: 850 });
    const due = await dueCards(pool, shop.now(), 10);
    // What came back onto books:1 is good for 30 days from then on.
    expect(due.map(({ card }) => card)).to.deep.equal(['books:0', 'books:2', 'books:3']);
    const expiry = createGiftCardExpiry({
      handler: shop.handler,
      now: shop.now,
      dueCards: { due: (asOf, limit) => dueCards(pool, asOf, limit) },
      onFailed: (error) => shop.failures.push(error),
    });
    expect(await expiry.tick(signal)).to.equal(3);
    expect(await expiry.tick(signal), 'named again before the read model knows').to.equal(3);
    expect(shop.types().filter((type) => type === 'GiftCardExpired')).to.have.lengthOf(3);
    await shop.handler.handle(expireGiftCard, { card: giftCardId(books, 1) }, shop.context());
    await bringUp();
    expect(await dueCards(pool, shop.now(), 10)).to.deep.equal([]);
    expect(await liability()).to.include({ outstanding: 500, overdue: 0 });
    const { rows } = await pool.query(
      `select sum(sold + refunded - charged - expired)::bigint as days,
        (select sum(balance)::bigint from read.gift_cards) as cards from read.gift_card_days`,
    );
    expect(rows[0].days).to.equal(rows[0].cards);
    for (const projection of [giftCards, settlement]) {
      const { differences, rows } = await verify({ feed: shop.log, pool, projection, signal });
      expect(differences).to.deep.equal([]);
      expect(Object.keys(rows)).to.not.be.empty;
    }
  });
});
