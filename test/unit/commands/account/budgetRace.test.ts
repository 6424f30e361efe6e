import { expect } from 'chai';
import { confirmPurchase } from '../../../../commands/account/confirmPurchase.js';
import { returnPurchase } from '../../../../commands/account/returnPurchase.js';
import { confirmAnonymous } from '../../../../commands/sales/confirmAnonymous.js';
import { createQuotePurchase } from '../../../../commands/account/quotePurchase.js';
import { createHandler, type Handler } from '../../../../commands/handle.js';
import type { CampaignsInForce } from '../../../../commands/campaigns.js';
import type { PurchaseId, ReturnId } from '../../../../domain/ids.js';
import { campaign, onOffer, tenPercent } from '../../account/offers.js';
import { goods, openShop, receipt, type Shop, till } from './shop.js';

const ten = campaign('ten', tenPercent.rewards, {
  limits: { budgets: [{ of: 'amount', most: 350 }] },
  texts: { cashier: 'Say: ten percent off!' },
});

describe('a budget that receipts share', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await openShop();
    const { set, limits } = onOffer([ten]);
    const inForce: CampaignsInForce = { set, limits, asksBirthday: false };
    Object.assign(shop.directory.campaigns, { at: () => inForce, definition: () => ten });
  });
  afterEach(() => shop.close());

  const confirm = (handler: Handler, id: string) =>
    handler.handle(
      confirmPurchase,
      { userId: shop.userId, ...receipt(id, goods(1_000)) },
      shop.context(),
    );
  const buyAnonymously = (handler: Handler, id: string) =>
    handler.handle(
      confirmAnonymous,
      { ...receipt(id, goods(1_000)), tillId: `till${id}` as typeof till.tillId },
      shop.context(),
    );

  it('is spent once by receipts of several processes at once', async () => {
    const handlers = [1, 2, 3, 4].map(() =>
      createHandler({ log: shop.log, directory: shop.directory, cacheEntries: 1_000 }),
    );
    const receipts = await Promise.all(
      [...Array(12).keys()].map((index) =>
        buyAnonymously(handlers[index % handlers.length] as Handler, String(index)),
      ),
    );
    const discounts = receipts.map(({ answer }) => answer.discount);
    expect(discounts.filter((discount) => discount === 100)).to.have.length(3);
    expect(discounts.filter((discount) => discount === 0)).to.have.length(9);
    const without = receipts.filter(({ answer }) => answer.discount === 0);
    for (const { answer } of without) {
      expect(answer.refused).to.containSubset([{ campaignId: 'ten', code: 'budget-spent' }]);
    }
  });

  it('is reserved before the purchase, and told at the till', async () => {
    const ask = createQuotePurchase(shop.handler);
    const { purchaseId: _, ...question } = receipt('p', goods(1_000));
    const quoted = await ask({ userId: shop.userId, ...question }, shop.context());
    expect(quoted).to.containSubset({
      discount: 100,
      net: 900,
      applied: [{ campaignId: 'ten', discount: 100 }],
      asAsked: { toPay: 900 },
    });
    const before = shop.log.facts.length;
    const first = await confirm(shop.handler, 'p');
    expect(shop.types().slice(before)).to.deep.equal([
      'BudgetReserved',
      'PurchaseConfirmed',
      'PointsEarned',
    ]);
    expect(first.answer.toPay).to.equal(900);
    expect(first.answer.texts.cashier).to.equal('To pay: 9.00 GBP. Say: ten percent off!');
    const again = await confirm(shop.handler, 'p');
    expect(again.answer).to.deep.equal(first.answer);
    const { answer } = await shop.handler.handle(
      returnPurchase,
      { userId: shop.userId, purchaseId: 'p' as PurchaseId, returnId: 'r' as ReturnId, ...till },
      shop.context(),
    );
    expect(answer).to.containSubset({
      amount: 1_000,
      discount: 100,
      refund: 900,
      campaigns: [{ campaignId: 'ten', discount: 100, uses: 1 }],
    });
  });

  it('is told in a new quote where it ran out after the quote', async () => {
    const ask = createQuotePurchase(shop.handler);
    const { purchaseId: _, ...question } = receipt('p', goods(3_000));
    const { quoteId } = await ask({ userId: shop.userId, ...question }, shop.context());
    await confirm(shop.handler, 'other');
    const input = { userId: shop.userId, ...receipt('p', goods(3_000)), quoteId };
    let details: Readonly<Record<string, unknown>> = {};
    try {
      await shop.handler.handle(confirmPurchase, input, shop.context());
    } catch (error) {
      details = (error as { details: typeof details }).details;
    }
    expect(details).to.containSubset({
      quote: { discount: 0, net: 3_000, refused: [{ code: 'budget-spent' }] },
    });
  });
});
