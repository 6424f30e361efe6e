import { expect } from 'chai';
import fc from 'fast-check';
import { cancelPurchase } from '../../../commands/account/cancelPurchase.js';
import { confirmPurchase } from '../../../commands/account/confirmPurchase.js';
import { returnPurchase } from '../../../commands/account/returnPurchase.js';
import { cancelAnonymous } from '../../../commands/sales/cancelAnonymous.js';
import { confirmAnonymous } from '../../../commands/sales/confirmAnonymous.js';
import { returnAnonymous } from '../../../commands/sales/returnAnonymous.js';
import { giftCardId } from '../../../domain/giftCard/ids.js';
import type { PurchaseId, ReturnId } from '../../../domain/ids.js';
import { Rejected } from '../../../domain/rejected.js';
import { goods, receipt, till } from '../commands/account/shop.js';
import { eventually } from '../workers/eventually.js';
import { books, openGiftShop } from './commands.js';

const places = [0, 1, 2];
const soldFor = 2_000;

const step = fc.record({
  kind: fc.constantFrom('buy', 'buy', 'buy', 'return', 'return', 'cancel'),
  anonymous: fc.boolean(),
  offline: fc.boolean(),
  purchase: fc.integer({ min: 0, max: 5 }),
  price: fc.integer({ min: 1, max: 999 }),
  cards: fc.uniqueArray(fc.constantFrom(...places), { maxLength: 3 }),
  asked: fc.option(fc.integer({ min: 1, max: 900 })),
});
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** What receipts in the log took of a card, less what their returns give back. */
interface Told {
  readonly giftCards?: readonly { readonly card: string | null; readonly amount: number }[];
}
const taken = (facts: readonly { type: string; data: unknown }[], card: string): number =>
  facts.reduce((sum, { type, data }) => {
    if (!/^(Anonymous)?Purchase/.test(type)) return sum;
    const sign = type.endsWith('Confirmed') ? 1 : -1;
    const of = ((data as Told).giftCards ?? []).filter((one) => one.card === card);
    return of.reduce((all, { amount }) => all + sign * amount, sum);
  }, 0);

describe('random receipts with gift cards, through the commands and the worker', () => {
  it('leave on each card what was paid for it less what receipts say they took of it', async function () {
    this.timeout(120_000);
    const seen = { GiftCardChargeSpent: 0, GiftCardRefunded: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const shop = await openGiftShop();
        const numbers: string[] = [];
        for (const place of places) numbers.push(await shop.sell(place, soldFor));
        const worker = shop.startWorker();
        let n = 0;
        for (const one of steps) {
          await carryOut(shop, numbers, one, (n += 1)).catch((error: unknown) => {
            if (!(error instanceof Rejected)) throw error;
          });
        }
        // Those that were refused after they had reserved are let go when their time is over.
        shop.pass(240_000);
        await eventually(async () => {
          await worker.sweep(worker.signal);
          for (const place of places) {
            const card = giftCardId(books, place);
            const { balance, charges } = await shop.stateOf(card);
            expect(balance, card).to.equal(soldFor - taken(shop.log.facts, card));
            expect(balance).to.be.within(0, soldFor);
            const open = [...charges.values()].filter(({ status }) => status === 'reserved');
            expect(open).to.deep.equal([]);
          }
        });
        for (const type of shop.types()) if (type in seen) seen[type as keyof typeof seen] += 1;
        await shop.close();
        expect(shop.failures).to.deep.equal([]);
      }),
      { numRuns: 25, seed: 20_111 },
    );
    // Or the histories are none.
    expect(seen.GiftCardChargeSpent).to.be.above(60);
    expect(seen.GiftCardRefunded).to.be.above(20);
  });
});

const carryOut = async (
  { handler, userId, context }: Awaited<ReturnType<typeof openGiftShop>>,
  numbers: readonly string[],
  { kind, anonymous, offline, purchase, price, cards, asked }: Step,
  n: number,
): Promise<unknown> => {
  const purchaseId = `p${purchase}` as PurchaseId;
  const of = { ...till, purchaseId };
  const whose = { ...of, userId };
  if (kind === 'buy') {
    const giftCards = cards.map((place) => ({
      number: numbers[place] ?? '',
      ...(asked !== null && { amount: asked }),
    }));
    const shown = giftCards.length > 0 && { giftCards };
    const sale = { ...receipt(purchaseId, goods(price, 3)), ...shown, ...(offline && { offline }) };
    return anonymous
      ? handler.handle(confirmAnonymous, sale, context())
      : handler.handle(confirmPurchase, { ...sale, userId }, context());
  }
  if (kind === 'cancel') {
    const reason = 'mistake';
    return anonymous
      ? handler.handle(cancelAnonymous, { ...of, reason }, context())
      : handler.handle(cancelPurchase, { ...whose, reason }, context());
  }
  const back = {
    returnId: `r${n}` as ReturnId,
    lines: [{ position: 1, quantity: 500 + (price % 1_000) }],
  };
  return anonymous
    ? handler.handle(returnAnonymous, { ...of, ...back }, context())
    : handler.handle(returnPurchase, { ...whose, ...back }, context());
};
