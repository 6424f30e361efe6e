import { expect } from 'chai';
import { countBasket } from '../../../domain/account/basket.js';
import type { AccountEvent } from '../../../domain/account/events.js';
import { explain } from '../../../domain/account/explain.js';
import { quotePurchase } from '../../../domain/account/quote.js';
import { purchaseTexts, quoteTexts } from '../../../domain/account/texts.js';
import { Rejected } from '../../../domain/rejected.js';
import { after, buy, enrolled, fold, item, noon, record, under } from './spec.js';

const rich = fold(record(after(enrolled, buy('p1', [item(10_000)])))); // 100 points: 1 GBP

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof Rejected) return error.code;
    throw error;
  }
  return 'none';
};

describe('a quote', () => {
  it('answers at none, at the asked and at the most in one go', () => {
    const quote = quotePurchase(
      { lines: [item(150)], redeemPoints: 2_000, now: noon },
      rich,
      under({}),
    );
    expect(quote.most).to.deep.equal({ points: 7_500, value: 75, limitedBy: 'rule' });
    expect(quote.atNone).to.deep.equal({
      pointsRedeemed: 0,
      paidByPoints: 0,
      toPay: 150,
      pointsEarned: 150,
    });
    expect(quote.asAsked).to.deep.equal({
      pointsRedeemed: 2_000,
      paidByPoints: 20,
      toPay: 130,
      pointsEarned: 130,
    });
    expect(quote.atMost).to.include({ paidByPoints: 75, toPay: 75, pointsEarned: 75 });
    expect(quote.balance).to.deep.equal({ active: 10_000, pending: 0, deficit: 0 });
    expect(quoteTexts(quote).cashier).to.equal(
      'To pay: 1.30 GBP. Points may pay up to 0.75 GBP (75 points).',
    );
  });

  it('shows the most, and why, where more is asked for', () => {
    const byRule = quotePurchase(
      { lines: [item(150)], redeemPoints: 9_000, now: noon },
      rich,
      under({}),
    );
    expect(byRule.asAsked).to.deep.equal(byRule.atMost);
    expect(byRule.why.map(({ code }) => code)).to.include('redemption-limited-by-rule');
    const byBalance = quotePurchase(
      { lines: [item(90_000)], redeemPoints: 99_000, now: noon },
      rich,
      under({}),
    );
    expect(byBalance.most).to.include({ value: 100, limitedBy: 'balance' });
    expect(byBalance.why.map(({ code }) => code)).to.include('redemption-limited-by-balance');
  });

  it('is what the confirmation then does', () => {
    const lines = [item(1_999, 3), item(45), item(0)];
    const quote = quotePurchase({ lines, redeemPoints: 3_333, now: noon }, rich, under({}));
    const [confirmed] = buy('p2', lines, { redeemPoints: 3_333 })(rich, []);
    expect(confirmed?.data).to.containSubset({
      lines: quote.outcome.lines,
      total: quote.outcome.total,
      paidByPoints: quote.asAsked.paidByPoints,
      pointsEarned: quote.asAsked.pointsEarned,
    });
  });
});

describe('a basket', () => {
  const line = (quantity: number, price: number, amount?: number) => ({
    ...item(price),
    quantity,
    ...(amount === undefined ? {} : { amount }),
  });
  it('rounds halves of a minor unit up', () => {
    expect(countBasket([line(345, 1_990)]).total).to.equal(687); // 686.55
    expect(countBasket([line(500, 1)]).total).to.equal(1);
  });
  it('takes the amount of a till that rounds otherwise, and refuses one that no rounding explains', () => {
    expect(countBasket([line(345, 1_990, 686)]).total).to.equal(686);
    expect(countBasket([line(10_000, 33, 336)]).total).to.equal(336);
    expect(codeOf(() => countBasket([line(10_000, 33, 337)]))).to.equal('amount-mismatch');
  });
  it('refuses one position twice', () => {
    const twice = [{ ...item(1), position: 2 }, item(1)];
    expect(codeOf(() => countBasket(twice))).to.equal('position-repeated');
  });
  it('refuses what cannot be counted exactly', () => {
    expect(codeOf(() => countBasket([line(1_000_000_000, 1_000_001)]))).to.equal(
      'basket-too-large',
    );
    const half = line(1_000, 600_000_000_000);
    expect(codeOf(() => countBasket([half, half]))).to.equal('basket-too-large');
  });
});

describe('an explanation', () => {
  it('puts every recorded reason into a sentence', () => {
    const events: AccountEvent[] = buy('p2', [item(200)], { redeemPoints: 1_000 })(rich, []);
    const [confirmed] = events;
    if (confirmed?.type !== 'PurchaseConfirmed') throw new Error('not confirmed');
    const sentences = confirmed.data.why.map((reason) => explain(reason, 'GBP'));
    expect(sentences).to.deep.equal([
      "Decided under version 1 of the programme's rule: 1 points for every 1.00 GBP.",
      '10 points paid 0.10 GBP; 10 had been asked for.',
      'The part paid by points, 0.10 GBP, earns nothing.',
      '1.90 GBP earned 1.9 points, active from 2011-01-10T12:00:00.000Z.',
    ]);
    expect(purchaseTexts(confirmed.data)).to.deep.equal({
      cashier: 'To pay: 1.90 GBP of 2.00 GBP; points pay the rest.',
      slip: ['Paid with 10 points: 0.10 GBP', 'Earned: 1.9 points', 'Balance: 91.9 points'],
    });
  });
  it('shows a code it does not know instead of hiding it', () => {
    expect(explain({ code: 'some-later-code', figures: { points: 3 } }, 'GBP')).to.equal(
      'some-later-code {"points":3}',
    );
  });
});
