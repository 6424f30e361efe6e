import { expect } from 'chai';
import { cancelPurchase } from '../../../commands/account/cancelPurchase.js';
import { confirmPurchase } from '../../../commands/account/confirmPurchase.js';
import { createQuotePurchase } from '../../../commands/account/quotePurchase.js';
import { returnPurchase } from '../../../commands/account/returnPurchase.js';
import { cancelAnonymous } from '../../../commands/sales/cancelAnonymous.js';
import { confirmAnonymous } from '../../../commands/sales/confirmAnonymous.js';
import { returnAnonymous } from '../../../commands/sales/returnAnonymous.js';
import { createHandler } from '../../../commands/handle.js';
import { giftCardId } from '../../../domain/giftCard/ids.js';
import type { PurchaseId, ReturnId } from '../../../domain/ids.js';
import { Rejected } from '../../../domain/rejected.js';
import { foreignTill, goods, otherTill, receipt, till } from '../commands/account/shop.js';
import { eventually } from '../workers/eventually.js';
import { books, type GiftShop, openGiftShop } from './commands.js';

const codeOf = async (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'went through',
    (error: unknown) => {
      if (error instanceof Rejected) return error.code;
      throw error;
    },
  );

describe('paying with gift cards', () => {
  let shop: GiftShop;
  beforeEach(async () => void (shop = await openGiftShop({ validDays: 100 })));
  afterEach(async () => {
    await shop.close();
    expect(shop.failures).to.deep.equal([]);
  });

  const confirm = (id: string, price: number, giftCards: { number: string; amount?: number }[]) =>
    shop.handler.handle(
      confirmPurchase,
      { ...receipt(id, goods(price)), userId: shop.userId, giftCards },
      shop.context(),
    );

  it('takes what is left to pay, earns as money does, and says what is left on the card', async () => {
    const { handler, userId, context } = shop;
    const number = await shop.sell(0, 2_500);
    shop.startWorker();
    const basket = { ...till, userId, lines: [goods(1_000)], giftCards: [{ number }] };
    const quote = await createQuotePurchase(handler)(basket, context());
    expect(quote).to.deep.include({ paidByGiftCards: 1_000, toPay: 0 });
    expect(quote.giftCards).to.deep.equal([
      {
        ...{ card: 'books:0', issuer: 1, asked: null, amount: 1_000, left: 1_500, refusal: null },
      },
    ]);
    const { answer } = await confirm('p1', 1_000, [{ number: number.toLowerCase() }]);
    expect(answer).to.include({ total: 1_000, toPay: 0, pointsEarned: 1_000 });
    expect(answer).to.deep.include({ giftCards: quote.giftCards, paidByGiftCards: 1_000 });
    await eventually(() => expect(shop.types()).to.include('GiftCardChargeSpent'));
    const second = await confirm('p2', 2_000, [{ number }]);
    expect(second.answer).to.include({ toPay: 500 });
    await eventually(async () =>
      expect(await shop.stateOf(giftCardId(books, 0))).to.include({ balance: 0 }),
    );
  });

  it('takes several cards in order, and a wanted amount of each', async () => {
    const [a, b] = [await shop.sell(0, 300), await shop.sell(1, 1_000)];
    const { answer } = await confirm('p1', 1_000, [{ number: a }, { number: b, amount: 500 }]);
    expect(answer).to.include({ toPay: 200, paidByGiftCards: 800 });
    expect(await shop.available(0)).to.equal(0);
    expect(await shop.available(1)).to.equal(500);
  });

  it('is told by a connected till what is wrong, before anything is recorded', async () => {
    const number = await shop.sell(0, 300);
    const before = shop.types().length;
    const unsold = await shop.numberOf(5);
    const tries: [{ number: string; amount?: number }[], string][] = [
      [[{ number: '0018-H30D-SRPC-0PJG' }], 'gift-card-not-found'],
      [[{ number: unsold }], 'gift-card-not-sold'],
      [[{ number, amount: 301 }], 'gift-card-too-little'],
      [[{ number, amount: 201 }], 'gift-cards-exceed-payment'],
      [[{ number, amount: 10 }, { number: number.toLowerCase() }], 'gift-card-repeated'],
    ];
    for (const [cards, code] of tries) {
      expect(await codeOf(confirm('p1', 200, cards))).to.equal(code);
    }
    shop.pass(100 * 86_400_000);
    expect(await codeOf(confirm('p1', 200, [{ number }]))).to.equal('gift-card-expired');
    expect(shop.types().length).to.equal(before);
  });

  it('does nothing twice, and refuses other cards under the same receipt', async () => {
    const [a, b] = [await shop.sell(0, 300), await shop.sell(1, 300)];
    await confirm('p1', 200, [{ number: a }]);
    const again = await confirm('p1', 200, [{ number: a }]);
    expect(again).to.include({ repeated: true });
    expect(again.answer).to.include({ toPay: 0, paidByGiftCards: 200 });
    expect(await codeOf(confirm('p1', 200, [{ number: b }]))).to.equal('purchase-exists');
    expect(shop.types().filter((type) => type === 'GiftCardChargeReserved')).to.have.lengthOf(1);
  });

  it('gives money back in proportion, to the card used last first, and all of it in the end', async () => {
    const { handler, userId, context } = shop;
    const [a, b] = [await shop.sell(0, 300), await shop.sell(1, 300)];
    shop.startWorker();
    const input = { ...receipt('p1', goods(333, 3)), userId };
    const giftCards = [{ number: a }, { number: b }];
    await handler.handle(confirmPurchase, { ...input, giftCards }, context());
    const back = (returnId: string) =>
      handler.handle(
        returnPurchase,
        {
          ...till,
          ...{ userId, purchaseId: 'p1' as PurchaseId, returnId: returnId as ReturnId },
          lines: [{ position: 1, quantity: 1_000 }],
        },
        context(),
      );
    // 600 of 999 were paid by cards.
    const first = await back('r1');
    expect(first.answer).to.include({ refund: 133, refundedToGiftCards: 200 });
    expect(first.answer).to.deep.include({ giftCards: [{ card: 'books:1', amount: 200 }] });
    await back('r1');
    const second = await back('r2');
    expect(second.answer).to.deep.include({
      refund: 133,
      giftCards: [
        { card: 'books:0', amount: 100 },
        { card: 'books:1', amount: 100 },
      ],
    });
    const till1 = { ...till, reason: 'mistake' };
    const cancel = { ...till1, userId, purchaseId: 'p1' as PurchaseId };
    const last = await handler.handle(cancelPurchase, cancel, context());
    expect(last.answer).to.include({ refund: 133, refundedToGiftCards: 200 });
    await eventually(async () => {
      expect(await shop.available(0)).to.equal(300);
      expect(await shop.available(1)).to.equal(300);
    });
  });

  it('pays anonymous receipts, and gets money back at another till', async () => {
    const { handler, context } = shop;
    const number = await shop.sell(0, 1_000);
    shop.startWorker();
    const sale = { ...receipt('a1', goods(400, 2)), giftCards: [{ number }] };
    const { answer } = await handler.handle(confirmAnonymous, sale, context());
    expect(answer).to.include({ toPay: 0, paidByGiftCards: 800 });
    const of = { purchaseId: 'a1' as PurchaseId, soldAtTillId: till.tillId };
    const part = { ...otherTill, ...of, returnId: 'r1' as ReturnId };
    const lines = [{ position: 1, quantity: 1_000 }];
    const returned = await handler.handle(returnAnonymous, { ...part, lines }, context());
    expect(returned.answer).to.include({ refund: 0, refundedToGiftCards: 400 });
    const cancelled = { ...otherTill, ...of, reason: 'mistake' };
    await handler.handle(cancelAnonymous, cancelled, context());
    await eventually(async () => expect(await shop.available(0)).to.equal(1_000));
  });

  it('records an offline receipt with what the card could not pay, and why', async () => {
    const { handler, userId, context } = shop;
    const number = await shop.sell(0, 300);
    const giftCards = [
      { number, amount: 500 },
      { number: '0018H30DSRPC0PJG', amount: 50 },
    ];
    const input = { ...receipt('p1', goods(1_000)), userId, giftCards, offline: true };
    const { answer } = await handler.handle(confirmPurchase, input, context());
    expect(answer).to.include({ paidByGiftCards: 300, toPay: 700 });
    const shorts = answer.why.filter(({ code }) => code === 'gift-card-short');
    expect(shorts.map(({ figures }) => figures)).to.deep.equal([
      { card: 'books:0', asked: 500, amount: 300, refusal: 'gift-card-too-little' },
      { card: 'unknown', asked: 50, amount: 0, refusal: 'gift-card-not-found' },
    ]);
    expect(shorts[0]?.text).to.contain('asked for');
  });

  it('explains the same of an offline receipt of nobody', async () => {
    const number = await shop.sell(0, 300);
    const giftCards = [{ number, amount: 500 }];
    const sale = { ...receipt('a1', goods(400)), giftCards, offline: true };
    const { answer } = await shop.handler.handle(confirmAnonymous, sale, shop.context());
    expect(answer).to.include({ toPay: 100 });
    const codes = (answer as { why?: { code: string }[] }).why?.map(({ code }) => code);
    expect(codes).to.deep.equal(['decided-late', 'gift-card-short']);
  });

  /** Reserves 200 of a card; the receipt is never recorded. */
  const loseReceipt = async (number: string) => {
    const lost = createHandler({
      log: {
        ...shop.log,
        append: async (stream, ...rest) => {
          if (stream.startsWith('account-')) throw new Error('the power went off');
          return shop.log.append(stream, ...rest);
        },
      },
      directory: shop.directory,
    });
    const input = { ...receipt('p1', goods(200)), userId: shop.userId, giftCards: [{ number }] };
    const failed = await lost.handle(confirmPurchase, input, shop.context()).catch(() => 'failed');
    expect(failed).to.equal('failed');
  };

  it('meets what is open again after a restart, and does not release what was recorded', async () => {
    const number = await shop.sell(0, 300);
    const before = shop.startWorker();
    await loseReceipt(number);
    await eventually(() => expect(before.open()).to.equal(1));
    await before.stop();
    // The till sends the receipt again: it reserves anew and is recorded this time.
    shop.pass(1_000);
    await confirm('p1', 250, [{ number }]);
    const { sweep, signal, open } = shop.startWorker();
    await eventually(() => expect(shop.types()).to.include('GiftCardChargeSpent'));
    shop.pass(240_000);
    await sweep(signal);
    expect(open()).to.equal(0);
    expect(shop.types()).not.to.include('GiftCardChargeReleased');
    expect(await shop.available(0)).to.equal(50);
  });

  it('frees what a receipt reserved that never came, after its time', async () => {
    const number = await shop.sell(0, 300);
    const { sweep, signal, open } = shop.startWorker();
    await loseReceipt(number);
    expect(await shop.available(0)).to.equal(100);
    await eventually(() => expect(open()).to.equal(1));
    shop.pass(119_999);
    await sweep(signal);
    expect(await shop.available(0)).to.equal(100);
    shop.pass(1);
    await sweep(signal);
    expect(await shop.available(0)).to.equal(300);
  });

  it('never pays more than is on a card, however many tills race for it', async () => {
    const number = await shop.sell(0, 1_000);
    shop.startWorker();
    const { log, directory } = shop;
    const handlers = [1, 2, 3].map(() => createHandler({ log, directory }));
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, n) => {
        const handler = handlers[n % 3] as (typeof handlers)[number];
        const giftCards = [n % 2 === 0 ? { number, amount: 150 } : { number }];
        const sale = { ...receipt(`a${n}`, goods(150)), tillId: `till${n % 2 ? 1 : 2}` as never };
        return handler
          .handle(confirmAnonymous, { ...sale, giftCards }, shop.context())
          .then(({ answer }) => (answer as { paidByGiftCards?: number }).paidByGiftCards ?? 0)
          .catch((error: unknown) => {
            if (error instanceof Rejected && error.code === 'gift-card-too-little') return 0;
            throw error;
          });
      }),
    );
    const paid = answers.reduce((sum, one) => sum + one, 0);
    expect(paid).to.equal(1_000);
    await eventually(async () => {
      const { balance } = await shop.stateOf(giftCardId(books, 0));
      expect(balance).to.equal(1_000 - paid);
    });
  });

  it('is only for the merchants that its series names', async () => {
    const own = await openGiftShop({ merchants: [till.merchantId] });
    const number = await own.sell(0, 500);
    const sale = { ...receipt('a1', goods(200)), ...foreignTill, giftCards: [{ number }] };
    const code = await codeOf(own.handler.handle(confirmAnonymous, sale, own.context()));
    expect(code).to.equal('gift-card-other-merchants');
    await own.close();
  });

  it('pays in its own currency alone', async () => {
    const abroad = await openGiftShop({}, 'EUR');
    const number = await abroad.sell(0, 500);
    const sale = { ...receipt('a1', goods(200)), giftCards: [{ number }] };
    const code = await codeOf(abroad.handler.handle(confirmAnonymous, sale, abroad.context()));
    expect(code).to.equal('gift-card-other-currency');
    await abroad.close();
  });
});
