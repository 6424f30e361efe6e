import { expect } from 'chai';
import { adjustPoints } from '../../../../commands/account/adjustPoints.js';
import { cancelPurchase } from '../../../../commands/account/cancelPurchase.js';
import { confirmPurchase } from '../../../../commands/account/confirmPurchase.js';
import type { QuoteAnswer } from '../../../../commands/account/purchaseAnswer.js';
import { createQuotePurchase } from '../../../../commands/account/quotePurchase.js';
import { returnPurchase } from '../../../../commands/account/returnPurchase.js';
import { settlePoints } from '../../../../commands/account/settlePoints.js';
import { createHandler } from '../../../../commands/handle.js';
import { revokePointOfSale } from '../../../../commands/registry/revokePointOfSale.js';
import { setProgrammeRule } from '../../../../commands/registry/setProgrammeRule.js';
import { InvalidInput } from '../../../../commands/validation.js';
import { account, accountStream } from '../../../../domain/account/account.js';
import type { PurchaseId, ReturnId } from '../../../../domain/ids.js';
import type { ProgrammeRule } from '../../../../domain/programme/rule.js';
import { Rejected } from '../../../../domain/rejected.js';
import { rule } from '../../account/spec.js';
import { failure } from '../failure.js';
import { demo } from '../house.js';
import {
  cardNumber,
  foreignTill,
  goods,
  openShop,
  otherTill,
  receipt,
  type Shop,
  till,
} from './shop.js';

const day = 86_400_000;
const p1 = 'p1' as PurchaseId;
const r1 = 'r1' as ReturnId;

describe('purchases of a customer', () => {
  let shop: Shop;
  const open = async (changes: Partial<ProgrammeRule> = {}) => {
    await shop?.close();
    shop = await openShop(changes);
  };
  beforeEach(() => open());
  afterEach(() => shop.close());

  type Extra = Partial<Parameters<typeof confirmPurchase.decide>[0]>;
  const confirm = (sent: ReturnType<typeof receipt>, extra: Extra = {}, key?: string) =>
    shop.handler.handle(
      confirmPurchase,
      { userId: shop.userId, ...sent, ...extra },
      shop.context(key === undefined ? {} : { idempotencyKey: key }),
    );
  const quote = (sent: ReturnType<typeof receipt>, redeemPoints = 0) => {
    const { purchaseId: _, ...question } = sent;
    const ask = createQuotePurchase(shop.handler);
    return ask({ userId: shop.userId, ...question, redeemPoints }, shop.context());
  };
  const giveBack = (extra: object = {}, key?: string) =>
    shop.handler.handle(
      returnPurchase,
      { userId: shop.userId, purchaseId: p1, returnId: r1, ...till, ...extra },
      shop.context(key === undefined ? {} : { idempotencyKey: key }),
    );
  const codeOf = async (promise: Promise<unknown>) => {
    const error = await failure(promise);
    return error instanceof Rejected ? error.code : error;
  };
  const balance = async () => {
    const state = await shop.handler.state(accountStream(demo, shop.userId), account);
    return state.points.activeTotal;
  };

  it('are answered with everything a till needs', async () => {
    const { answer, position } = await confirm(receipt('p1', goods(250, 2)), { cardNumber });
    expect(position).to.equal(BigInt(shop.log.facts.length));
    expect(answer).to.containSubset({
      purchaseId: 'p1',
      total: 500,
      toPay: 500,
      pointsEarned: 500,
      lines: [{ position: 1, amount: 500, pointsEarned: 500 }],
      balance: { active: 500 },
      texts: { cashier: 'To pay: 5.00 GBP.', slip: ['Earned: 5 points', 'Balance: 5 points'] },
    });
    expect(answer.why.map(({ text }) => text)).to.include(
      '5.00 GBP earned 5 points, active from 2011-01-01T00:00:00.000Z.',
    );
  });

  it('are one append, with no event of the account besides', async () => {
    await confirm(receipt('p0', goods(10_000)));
    const before = shop.log.facts.length;
    await confirm(receipt('p1', goods(500)), { redeemPoints: 1_000 });
    expect(shop.types().slice(before)).to.deep.equal([
      'PurchaseConfirmed',
      'PointsRedeemed',
      'PointsEarned',
    ]);
  });

  it('get the first answer again, under the same key or another', async () => {
    const sent = receipt('p1', goods(250, 2), goods(3));
    const first = await confirm(sent, {}, 'key-1');
    await confirm(receipt('p2', goods(9_999)));
    const before = shop.log.facts.length;
    const sameKey = await confirm(sent, {}, 'key-1');
    const otherKey = await confirm(sent, {}, 'key-2');
    expect(sameKey).to.deep.equal({ ...first, repeated: true });
    expect(otherKey.answer).to.deep.equal(first.answer);
    expect(shop.log.facts.length).to.equal(before);
    expect(await codeOf(confirm(receipt('p1', goods(251, 2))))).to.equal('purchase-exists');
  });

  describe('quoted before', () => {
    it('come out as quoted', async () => {
      await confirm(receipt('p0', goods(10_000)));
      const sent = receipt('p1', goods(333), goods(167));
      const quoted = await quote(sent, 2_500);
      shop.pass(90_000);
      expect((await quote(sent, 2_500)).quoteId).to.equal(quoted.quoteId);
      const { answer } = await confirm(sent, { redeemPoints: 2_500, quoteId: quoted.quoteId });
      expect(answer.lines).to.deep.equal(quoted.lines);
      expect(answer.toPay).to.equal(quoted.asAsked.toPay);
    });

    it('are refused with the new quote once the points are gone', async () => {
      await confirm(receipt('p0', goods(10_000)));
      const sent = receipt('p1', goods(20_000));
      const { quoteId } = await quote(sent, 10_000);
      await confirm(receipt('p2', goods(1_000)), { redeemPoints: 5_000 });
      const refused = await failure(confirm(sent, { redeemPoints: 10_000, quoteId }));
      if (!(refused instanceof Rejected)) throw refused;
      expect(refused.code).to.equal('price-changed');
      const fresh = refused.details['quote'] as QuoteAnswer;
      expect(fresh.quoteId).not.to.equal(quoteId);
      const redeemPoints = fresh.asAsked.pointsRedeemed;
      const { answer } = await confirm(sent, { redeemPoints, quoteId: fresh.quoteId });
      expect(answer.paidByPoints).to.equal(fresh.asAsked.paidByPoints);
    });

    it('are refused when a line costs otherwise', async () => {
      const { quoteId } = await quote(receipt('p1', goods(333)));
      expect(await codeOf(confirm(receipt('p1', goods(334)), { quoteId }))).to.equal(
        'price-changed',
      );
    });
  });

  it('cannot spend the same points at two tills of two processes', async () => {
    await confirm(receipt('p0', goods(10_000)));
    const handlers = [1, 2, 3].map(() =>
      createHandler({ log: shop.log, directory: shop.directory }),
    );
    const attempts = await Promise.allSettled(
      handlers.map((handler, index) =>
        handler.handle(
          confirmPurchase,
          { userId: shop.userId, ...receipt(`s${index}`, goods(200)), redeemPoints: 10_000 },
          shop.context(),
        ),
      ),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    const refused = attempts.flatMap((attempt) =>
      attempt.status === 'rejected' ? [(attempt.reason as Rejected).code] : [],
    );
    expect(refused).to.deep.equal(['not-enough-points', 'not-enough-points']);
  });

  it('sent offline are dated by the till and decided by the rule of that time', async () => {
    await open({ activationDelayDays: 2 });
    shop.pass(10 * day);
    const later = { ...rule, earn: { points: 900, per: 1 } };
    await shop.handler.handle(setProgrammeRule, { rule: later }, shop.context());
    const occurredAt = new Date(shop.now() - 5 * day).toISOString();
    const { answer } = await confirm(receipt('p1', goods(500)), { offline: true, occurredAt });
    expect(answer.balance).to.deep.equal({ active: 0, pending: 500, deficit: 0 });
    expect(shop.log.facts.at(-1)?.metadata.occurredAt).to.equal(occurredAt);
    const settled = await shop.handler.handle(
      settlePoints,
      { userId: shop.userId },
      shop.context(),
    );
    expect(settled.answer).to.include({ pointsActivated: 500, pointsExpired: 0 });
    expect(await balance()).to.equal(500);
  });

  it('are refused in shops that are not there, foreign or revoked, and in another currency', async () => {
    const sent = receipt('p1', goods(500));
    const elsewhere = { ...sent, pointOfSaleId: foreignTill.pointOfSaleId };
    expect(await codeOf(confirm(elsewhere))).to.equal('point-of-sale-not-found');
    expect(await codeOf(confirm(sent, { currency: 'EUR' }))).to.equal('currency-mismatch');
    const revoked = { pointOfSaleId: till.pointOfSaleId, reason: 'closed' };
    await shop.handler.handle(revokePointOfSale, revoked, shop.context());
    expect(await codeOf(confirm(sent))).to.equal('revoked');
  });

  it('are refused at times that cannot be', async () => {
    const at = (occurredAt: string) =>
      codeOf(confirm(receipt('p1', goods(1)), { offline: true, occurredAt }));
    expect(await at('2099-01-01T00:00:00Z')).to.equal('time-in-future');
    expect(await at('1969-01-01T00:00:00Z')).to.be.instanceOf(InvalidInput);
    expect(await at('2010-12-31T23:59:60Z')).to.be.instanceOf(InvalidInput);
    expect(await at('yesterday')).to.be.instanceOf(InvalidInput);
  });

  it('are given back in parts, each with the first answer when it is sent again', async () => {
    await confirm(receipt('p0', goods(10_000)));
    await confirm(receipt('p1', goods(100, 3)), { redeemPoints: 10_000 });
    const part = { lines: [{ position: 1, quantity: 1_000 }] };
    const first = await giveBack(part, 'k1');
    expect(first.answer).to.containSubset({
      amount: 100,
      refund: 67,
      paidByPoints: 33,
      pointsRestored: 3_333,
      pointsTakenBack: 66,
      complete: false,
    });
    const rest = await giveBack({ returnId: 'r2', ...otherTill });
    expect(rest.answer).to.containSubset({ amount: 200, refund: 133, complete: true });
    expect(await balance()).to.equal(10_000);
    expect((await giveBack(part, 'k1')).answer).to.deep.equal(first.answer);
    expect((await giveBack(part)).answer).to.deep.equal(first.answer);
    expect(await codeOf(giveBack({ returnId: 'r3' }))).to.equal('nothing-to-return');
    expect(await codeOf(giveBack({ ...foreignTill }))).to.equal('foreign-merchant');
  });

  it('are cancelled once, whatever is sent', async () => {
    await confirm(receipt('p1', goods(100, 3)));
    const send = () =>
      shop.handler.handle(
        cancelPurchase,
        { userId: shop.userId, purchaseId: p1, ...till, reason: 'mistake' },
        shop.context(),
      );
    const first = await send();
    expect(first.answer).to.containSubset({ amount: 300, refund: 300, pointsTakenBack: 300 });
    expect((await send()).answer).to.deep.equal(first.answer);
    expect(await balance()).to.equal(0);
    expect(await codeOf(giveBack())).to.equal('purchase-cancelled');
  });

  describe('and points by hand', () => {
    const adjust = (points: number, extra: object = {}, key?: string) =>
      shop.handler.handle(
        adjustPoints,
        { userId: shop.userId, points, reason: 'apology', ...extra },
        shop.context(key === undefined ? {} : { idempotencyKey: key }),
      );

    it('are given and taken, once a command', async () => {
      const first = await adjust(500, {}, 'k1');
      expect((await adjust(500, {}, 'k1')).answer).to.deep.equal(first.answer);
      const named = await adjust(-200, { adjustmentId: 'a1' });
      expect((await adjust(-200, { adjustmentId: 'a1' })).answer).to.deep.equal(named.answer);
      expect(await balance()).to.equal(300);
      expect(await codeOf(adjust(-201, { adjustmentId: 'a1' }))).to.equal('adjustment-exists');
    });
    it('are never taken below nothing, and never nothing', async () => {
      expect(await codeOf(adjust(-1))).to.equal('not-enough-points');
      expect(await codeOf(adjust(0))).to.be.instanceOf(InvalidInput);
    });
  });
});
