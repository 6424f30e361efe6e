/** Purchases, sales, customers and the register, as facts make them. */
import { expect } from 'chai';
import { allProjections, projectionNamed } from '../../../projections/all.js';
import { projectCustomers } from '../../../projections/customers/project.js';
import { projectPurchases } from '../../../projections/purchases/project.js';
import { projectSales } from '../../../projections/sales/project.js';
import { projectRegister } from '../../../projections/tills/project.js';
import { eventDefinitions } from '../../../domain/registry.js';
import { recorder, register, simulate, start } from './simulation.js';

const where = { merchantId: 1, pointOfSaleId: 10, tillId: 'till1' };
const line = {
  position: 1,
  productId: 'SKU',
  quantity: 2_000,
  price: 500,
  amount: 1_000,
  paidByPoints: 100,
  pointsRedeemed: 10_000,
  pointsEarned: 900,
};
const balance = { active: 0, pending: 0, deficit: 0 };
const why = [{ code: 'earned-by-amount', figures: { points: 900 } }];
const account = 'account-demo.8018000010000000000000013';
const userId = '8018000010000000000000013';

const confirmed = {
  type: 'PurchaseConfirmed',
  data: {
    purchaseId: 'p1',
    ...where,
    currency: 'GBP',
    lines: [line],
    total: 1_000,
    offline: false,
    ruleVersion: 3,
    paidByPoints: 100,
    pointsRedeemed: 10_000,
    pointsEarned: 900,
    deficitRepaid: 0,
    why,
    balance,
  },
};
const returned = {
  type: 'PurchaseReturned',
  data: {
    purchaseId: 'p1',
    returnId: 'r1',
    ...where,
    lines: [{ ...line, quantity: 1_000, amount: 500, paidByPoints: 50 }],
    amount: 500,
    refund: 450,
    paidByPoints: 50,
    complete: false,
    why,
    balance,
  },
};
const anonymous = {
  type: 'AnonymousPurchaseConfirmed',
  data: { purchaseId: 'p1', ...where, currency: 'GBP', lines: [line], total: 1_000, offline: true },
};
const cancelled = {
  type: 'AnonymousPurchaseCancelled',
  data: { purchaseId: 'p1', ...where, reason: 'mistake', amount: 1_000 },
};

describe('purchases, projected', () => {
  it('keep the same receipt number of a customer and of a till apart', () => {
    const { facts, append } = recorder();
    append(account, [confirmed], start);
    append('sales-demo.till1', [anonymous, cancelled], start);
    const { purchases, returns } = projectPurchases(facts);
    expect(purchases.map(({ owner, userId: user }) => [owner, user])).to.deep.equal([
      [userId, userId],
      ['till:till1', null],
    ]);
    expect(purchases.map(({ receipt }) => receipt.lines.length)).to.deep.equal([1, 1]);
    expect(returns).to.containSubset([
      {
        owner: 'till:till1',
        kind: 'cancellation',
        returnId: null,
        refund: 1_000,
        complete: true,
        reason: 'mistake',
        why: [],
      },
    ]);
  });

  it('keep the why of a return beside that of the purchase', () => {
    const { facts, append } = recorder();
    append(account, [confirmed, returned], start);
    const { purchases, returns } = projectPurchases(facts);
    expect(purchases[0]?.known?.why).to.deep.equal(why);
    expect(returns[0]).to.deep.include({ kind: 'return', returnId: 'r1', refund: 450, why });
  });
});

describe('sales, projected', () => {
  it('add up quarters of an hour, anonymous receipts among all, returns when they happen', () => {
    const { facts, append } = recorder();
    const quarter = 15 * 60_000;
    append(account, [confirmed], start);
    append('sales-demo.till1', [anonymous], start + quarter - 1);
    append(account, [returned], start + quarter);
    const { quarters } = projectSales(facts);
    expect([...quarters.values()]).to.containSubset([
      { start, receipts: 2, anonymousReceipts: 1, gross: 2_000, paidByPoints: 100, returned: 0 },
      { start: start + quarter, receipts: 0, returns: 1, returned: 500, returnedToPoints: 50 },
    ]);
    expect(quarters.size).to.equal(2);
  });

  it('tell what campaigns took off, and what of it came back, of customers and of nobody we know', () => {
    const { facts, append } = recorder();
    const withDiscount = <E extends { data: object }>(event: E, discount: number) => ({
      ...event,
      data: { ...event.data, discount },
    });
    append(account, [withDiscount(confirmed, 120), withDiscount(returned, 60)], start);
    append('sales-demo.till1', [withDiscount(anonymous, 70), withDiscount(cancelled, 70)], start);
    const { quarters } = projectSales(facts);
    expect([...quarters.values()]).to.containSubset([
      { gross: 2_000, discount: 190, returned: 1_500, returnedDiscount: 130 },
    ]);
  });
});

describe('customers, projected', () => {
  it('end a card once, by its last fact, and issue the replacement', () => {
    const { facts, append } = recorder();
    append(
      account,
      [
        { type: 'CardIssued', data: { cardNumber: 'A' } },
        { type: 'CardBlocked', data: { cardNumber: 'A', reason: 'lost' } },
        { type: 'CardReplaced', data: { cardNumber: 'A', replacement: 'B', reason: 'lost' } },
      ],
      start,
    );
    const { issued, ended } = projectCustomers(facts);
    expect(issued.map(({ cardNumber }) => cardNumber)).to.deep.equal(['A', 'B']);
    expect([...ended.values()]).to.containSubset([
      { cardNumber: 'A', status: 'replaced', replacedBy: 'B' },
    ]);
    expect(ended.size).to.equal(1);
  });
});

describe('the register, projected', () => {
  it('folds what one batch says of a product', () => {
    const { facts, append } = recorder();
    const product = { productId: 'SKU', name: 'old', merchantId: null, category: null, price: 1 };
    append(
      'product-demo.SKU',
      [
        { type: 'ProductListed', data: product },
        { type: 'ProductDelisted', data: { reason: 'gone' } },
        { type: 'ProductListed', data: { ...product, name: 'new' } },
        { type: 'ProductRevised', data: { ...product, name: 'newer' } },
      ],
      start,
    );
    expect([...projectRegister(facts).products.values()]).to.containSubset([
      { productId: 'SKU', description: { name: 'newer' }, delistedAt: null, revisedAt: start },
    ]);
  });

  it('holds no secret', () => {
    const { facts, append } = recorder();
    register(append);
    const { tables } = projectionNamed('tills');
    expect(tables).not.to.match(/hash|secret|password(?!_changed)/);
    expect(projectRegister(facts).operators).to.have.length(1);
  });
});

describe('all projections', () => {
  it('ask for events that exist', () => {
    const followed = new Set(allProjections.flatMap(({ eventTypes }) => [...eventTypes]));
    expect([...followed].filter((type) => !eventDefinitions.has(type))).to.deep.equal([]);
  });

  it('make the same of the same facts twice, and change none of them', () => {
    const { facts } = simulate({ seed: 5, customers: 5, steps: 200 });
    const before = JSON.stringify(facts, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    for (const { prepare, eventTypes } of allProjections) {
      const wanted = facts.filter(({ type }) => eventTypes.has(type));
      prepare(wanted);
      prepare(wanted);
    }
    expect(
      JSON.stringify(facts, (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
    ).to.equal(before);
  });

  it('say the names there are when asked for another', () => {
    expect(() => projectionNamed('nothing')).to.throw(
      'balances, purchases, customers, tills, sales',
    );
  });
});
