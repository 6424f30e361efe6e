import { expect } from 'chai';
import { cancelAnonymous } from '../../../../commands/sales/cancelAnonymous.js';
import { confirmAnonymous } from '../../../../commands/sales/confirmAnonymous.js';
import { returnAnonymous } from '../../../../commands/sales/returnAnonymous.js';
import type { PurchaseId, ReturnId } from '../../../../domain/ids.js';
import { Rejected } from '../../../../domain/rejected.js';
import { sales, salesStream } from '../../../../domain/sales/sales.js';
import {
  foreignTill,
  goods,
  openShop,
  otherTill,
  receipt,
  type Shop,
  till,
} from '../account/shop.js';
import { failure } from '../failure.js';
import { demo } from '../house.js';

const p1 = 'p1' as PurchaseId;

describe('anonymous receipts', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await openShop();
  });
  afterEach(() => shop.close());

  const confirm = (sent: ReturnType<typeof receipt>, extra: object = {}) =>
    shop.handler.handle(confirmAnonymous, { ...sent, ...extra }, shop.context());
  const giveBack = (returnId: string, extra: object = {}) =>
    shop.handler.handle(
      returnAnonymous,
      { purchaseId: p1, returnId: returnId as ReturnId, ...till, ...extra },
      shop.context(),
    );
  const cancel = () =>
    shop.handler.handle(
      cancelAnonymous,
      { purchaseId: p1, ...till, reason: 'mistake' },
      shop.context(),
    );
  const codeOf = async (promise: Promise<unknown>) => {
    const error = await failure(promise);
    return error instanceof Rejected ? error.code : error;
  };

  it('count in the currency of the tenant and move no points', async () => {
    const { answer } = await confirm(receipt('p1', goods(333, 3)));
    expect(answer).to.containSubset({ total: 999, currency: 'GBP', lines: [{ pointsEarned: 0 }] });
    expect(shop.types().at(-1)).to.equal('AnonymousPurchaseConfirmed');
  });

  it('count once, and another receipt under the id is refused', async () => {
    const first = await confirm(receipt('p1', goods(333)));
    const again = await confirm(receipt('p1', goods(333)));
    expect(again).to.deep.equal({ answer: first.answer, position: null, repeated: true });
    expect(await codeOf(confirm(receipt('p1', goods(334))))).to.equal('purchase-exists');
  });

  it('cannot pay with points', async () => {
    const spending = confirm(receipt('p1', goods(333)), { redeemPoints: 100 });
    expect(await codeOf(spending)).to.equal('redemption-not-allowed');
  });

  it('are given back in parts that add up, at another till of the merchant, too', async () => {
    await confirm(receipt('p1', goods(100, 3)));
    const first = await giveBack('r1', { lines: [{ position: 1, quantity: 500 }] });
    expect(first.answer).to.include({ amount: 50, complete: false });
    const again = await giveBack('r1', { lines: [{ position: 1, quantity: 500 }] });
    expect(again.answer).to.deep.equal(first.answer);
    const rest = await giveBack('r2', { ...otherTill, soldAtTillId: till.tillId });
    expect(rest.answer).to.include({ amount: 250, complete: true, tillId: 'till2' });
    expect(await codeOf(giveBack('r3'))).to.equal('nothing-to-return');
    expect(await codeOf(giveBack('r1'))).to.equal('return-exists');
    const foreign = { ...foreignTill, soldAtTillId: till.tillId };
    expect(await codeOf(giveBack('r4', foreign))).to.equal('foreign-merchant');
  });

  it('are cancelled once', async () => {
    await confirm(receipt('p1', goods(100, 3)));
    await giveBack('r1', { lines: [{ position: 1, quantity: 1_000 }] });
    const first = await cancel();
    expect(first.answer).to.include({ amount: 200 });
    expect((await cancel()).answer).to.deep.equal(first.answer);
    expect(await codeOf(giveBack('r2'))).to.equal('purchase-cancelled');
  });

  it('come out of a snapshot as they went in', async () => {
    await confirm(receipt('p1', goods(100, 3)));
    await giveBack('r1', { lines: [{ position: 1, quantity: 1_000 }] });
    const state = await shop.handler.state(salesStream(demo, till.tillId), sales);
    const json: unknown = JSON.parse(JSON.stringify(sales.snapshot?.take(state)));
    expect(sales.snapshot?.restore(json)).to.deep.equal(state);
  });
});
