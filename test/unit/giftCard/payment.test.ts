import { expect } from 'chai';
import fc from 'fast-check';
import type { GiftCardId } from '../../../domain/giftCard/ids.js';
import {
  backToCards,
  type GiftCardOutcome,
  paidByCards,
  payWithCards,
  type ShownGiftCard,
} from '../../../domain/giftCard/payment.js';
import type { MerchantId } from '../../../domain/ids.js';

const shown = (place: number, available: number, asked: number | null = null): ShownGiftCard => ({
  card: `books:${place}` as GiftCardId,
  issuer: 1 as MerchantId,
  asked,
  available,
  refusal: null,
});
const amounts = (outcomes: readonly GiftCardOutcome[]) => outcomes.map(({ amount }) => amount);

describe('what gift cards pay of a receipt', () => {
  it('is what is left to pay, card by card', () => {
    expect(amounts(payWithCards([shown(0, 300), shown(1, 500), shown(2, 500)], 600))).to.deep.equal(
      [300, 300, 0],
    );
    expect(amounts(payWithCards([shown(0, 300, 100), shown(1, 500)], 600))).to.deep.equal([
      100, 500,
    ]);
  });

  it('is nothing of a card that was refused, with the reason', () => {
    const [first, second] = payWithCards(
      [{ ...shown(0, 300), refusal: 'gift-card-blocked' }, shown(1, 50, 80)],
      100,
    );
    expect(first).to.include({ amount: 0, refusal: 'gift-card-blocked' });
    expect(second).to.include({ amount: 50, refusal: 'gift-card-too-little' });
  });
});

describe('what goes back onto gift cards', () => {
  const receipts = fc
    .record({
      cards: fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 4 }),
      cash: fc.integer({ min: 0, max: 5_000 }),
      cuts: fc.array(fc.integer({ min: 0, max: 1_000_000 }), { maxLength: 6 }),
    })
    .map(({ cards, cash, cuts }) => {
      const money = cards.reduce((sum, one) => sum + one, cash);
      const places = [...cuts.map((cut) => cut % (money + 1)), 0, money].sort((a, b) => a - b);
      const refunds = places.slice(1).map((place, i) => place - (places[i] as number));
      return { money, cards, refunds };
    });

  it('adds up to what was taken of each card, in whatever parts the goods come back', () => {
    fc.assert(
      fc.property(receipts, ({ money, cards, refunds }) => {
        const giftCards = [
          ...payWithCards(
            cards.map((amount, place) => shown(place, amount)),
            money,
          ),
        ];
        const paid = { giftCards, total: money };
        const back = new Map<string, number>();
        let before = 0;
        for (const refund of refunds) {
          const parts = backToCards(paid, before, refund);
          expect(paidByCards(parts)).to.be.at.most(refund);
          for (const { card, amount } of parts) back.set(card, (back.get(card) ?? 0) + amount);
          before += refund;
        }
        for (const { card, amount } of giftCards) expect(back.get(card ?? '')).to.equal(amount);
      }),
    );
  });

  it('fills the card that was used last first', () => {
    const giftCards = [...payWithCards([shown(0, 300), shown(1, 300)], 600)];
    expect(backToCards({ giftCards, total: 1_200 }, 0, 800)).to.deep.equal([
      { card: 'books:0', amount: 100 },
      { card: 'books:1', amount: 300 },
    ]);
  });

  it('is nothing of a receipt without cards, and nothing that points paid', () => {
    expect(backToCards({ total: 100 }, 0, 100)).to.deep.equal([]);
    const giftCards = [...payWithCards([shown(0, 300)], 40)];
    const paid = { giftCards, total: 100, paidByPoints: 60 };
    expect(backToCards(paid, 0, 40)).to.deep.equal([{ card: 'books:0', amount: 40 }]);
  });
});
