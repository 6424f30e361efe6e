import { expect } from 'chai';
import fc from 'fast-check';
import type { GiftCardCharge, GiftCardEvent } from '../../../domain/giftCard/events.js';
import {
  availableOn,
  blockGiftCard,
  cancelSale,
  expireGiftCard,
  giftCard,
  type GiftCard,
  refundCharge,
  refundGoodForMs,
  releaseCharge,
  reserveCharge,
  sellGiftCard,
  spendCharge,
  unblockGiftCard,
} from '../../../domain/giftCard/giftCard.js';
import type { GiftCardId } from '../../../domain/giftCard/ids.js';
import type { MerchantId, PointOfSaleId, PurchaseId, TillId } from '../../../domain/ids.js';
import { Rejected } from '../../../domain/rejected.js';
import { specification } from '../registry/spec.js';

const given = specification(giftCard);
const card = 'books:12' as GiftCardId;
const sale = {
  card,
  merchantId: 1 as MerchantId,
  pointOfSaleId: 10 as PointOfSaleId,
  tillId: 'till1' as TillId,
  amount: 1_000,
  currency: 'GBP',
  expiresAt: 5_000,
};
const sold: GiftCardEvent = { type: 'GiftCardActivated', data: sale };
const charge = (purchaseId: string, amount: number): GiftCardCharge => ({
  ...{ card, purchaseId: purchaseId as PurchaseId, userId: null, tillId: 'till1' as TillId },
  ...{ merchantId: 2 as MerchantId, issuer: 1 as MerchantId, amount },
});
const reserved = (purchaseId: string, amount: number, until = 9): GiftCardEvent => ({
  type: 'GiftCardChargeReserved',
  data: { ...charge(purchaseId, amount), until },
});
const spent = (purchaseId: string, amount: number): GiftCardEvent => ({
  type: 'GiftCardChargeSpent',
  data: charge(purchaseId, amount),
});
const refunded = (purchaseId: string, amount: number, cause: string): GiftCardEvent => ({
  type: 'GiftCardRefunded',
  data: { ...charge(purchaseId, amount), cause, expiresAt: refundGoodForMs },
});
const released = (purchaseId: string, amount: number): GiftCardEvent => ({
  type: 'GiftCardChargeReleased',
  data: { ...charge(purchaseId, amount), reason: 'why' },
});
const blocked: GiftCardEvent = { type: 'GiftCardBlocked', data: { card, reason: 'lost' } };

const reserve =
  (purchaseId: string, amount: number, until = 9, at = 0) =>
  (state: GiftCard) =>
    reserveCharge({ ...charge(purchaseId, amount), until }, at, state);
const spend = (purchaseId: string, amount: number) => (state: GiftCard) =>
  spendCharge(charge(purchaseId, amount), state);
const release = (purchaseId: string, until: number) => (state: GiftCard) =>
  releaseCharge({ ...charge(purchaseId, 0), until, reason: 'why' }, state);
const refund =
  (purchaseId: string, amount: number, cause: string, at = 0) =>
  (state: GiftCard) =>
    refundCharge({ ...charge(purchaseId, amount), cause }, at, state);

describe('a gift card', () => {
  it('is sold once, and the same sale sent again does nothing', () => {
    const sell = (changes: object) => (state: GiftCard) =>
      sellGiftCard({ ...sale, ...changes }, state);
    given().when(sell({})).then(sold);
    given(sold)
      .when(sell({ expiresAt: 6_000 }))
      .thenNothing();
    given(sold)
      .when(sell({ amount: 2_000 }))
      .thenRejected('gift-card-sold');
    given(sold, reserved('p1', 10)).when(sell({})).thenRejected('gift-card-sold');
    given(blocked).when(sell({})).thenRejected('gift-card-blocked');
  });

  it('has its sale taken back while it has paid nothing, and can be sold anew', () => {
    const { amount: _amount, currency: _currency, expiresAt: _expires, ...at } = sale;
    const cancel = (state: GiftCard) => cancelSale({ ...at, reason: 'mistake' }, state);
    const cancelled: GiftCardEvent = {
      type: 'GiftCardSaleCancelled',
      data: { ...at, amount: 1_000, reason: 'mistake' },
    };
    given(sold).when(cancel).then(cancelled);
    given(sold, cancelled).when(cancel).thenNothing();
    given(sold, cancelled)
      .when((state) => sellGiftCard(sale, state))
      .then(sold);
    given(sold, cancelled).when(reserve('p1', 1)).thenRejected('gift-card-not-sold');
    given(sold, reserved('p1', 1), released('p1', 1)).when(cancel).then(cancelled);
    given().when(cancel).thenRejected('gift-card-not-sold');
    given(sold, blocked).when(cancel).thenRejected('gift-card-blocked');
    given(sold, reserved('p1', 1)).when(cancel).thenRejected('gift-card-used');
    const back = [reserved('p1', 1), spent('p1', 1), refunded('p1', 1, 'r1')];
    given(sold, ...back)
      .when(cancel)
      .thenRejected('gift-card-used');
  });

  it('pays only after its sale, within its time, and while nobody stopped it', () => {
    given().when(reserve('p1', 1)).thenRejected('gift-card-not-sold');
    given(sold)
      .when(reserve('p1', 1, 9, 4_999))
      .then(reserved('p1', 1));
    given(sold)
      .when(reserve('p1', 1, 9, 5_000))
      .thenRejected('gift-card-expired');
    given(sold, blocked).when(reserve('p1', 1)).thenRejected('gift-card-blocked');
  });

  it('holds what is reserved for its receipt, and no more than it has', () => {
    given(sold).when(reserve('p1', 1_001)).thenRejected('gift-card-too-little');
    given(sold, reserved('p1', 600)).when(reserve('p2', 401)).thenRejected('gift-card-too-little');
    given(sold, reserved('p1', 600)).when(reserve('p2', 400)).then(reserved('p2', 400));
    given(sold, reserved('p1', 600)).when(reserve('p1', 600)).thenNothing();
    given(sold, reserved('p1', 600), spent('p1', 600)).when(reserve('p1', 600)).thenNothing();
  });

  it('lets a receipt reserve anew in the place of its own reservation', () => {
    given(sold, reserved('p1', 600))
      .when(reserve('p1', 900, 20))
      .then(reserved('p1', 900, 20));
    const anew = [sold, reserved('p1', 600), reserved('p1', 900, 20)];
    given(...anew)
      .when(reserve('p2', 101))
      .thenRejected('gift-card-too-little');
    given(...anew)
      .when(release('p1', 9))
      .thenNothing();
    given(...anew)
      .when(release('p1', 20))
      .then(released('p1', 900));
  });

  it('is spent once, also where the reservation was released before the receipt was found', () => {
    given(sold, reserved('p1', 600)).when(spend('p1', 600)).then(spent('p1', 600));
    given(sold, reserved('p1', 600), spent('p1', 600)).when(spend('p1', 600)).thenNothing();
    const late = [sold, reserved('p1', 600), released('p1', 600), spent('p2', 700)];
    given(...late)
      .when(spend('p1', 600))
      .then({
        type: 'GiftCardChargeSpent',
        data: { ...charge('p1', 300), missing: 300 },
      });
  });

  it('releases only what is reserved still', () => {
    given(sold, reserved('p1', 600)).when(release('p1', 9)).then(released('p1', 600));
    given(sold, reserved('p1', 600), spent('p1', 600)).when(release('p1', 9)).thenNothing();
    given(sold).when(release('p1', 9)).thenNothing();
  });

  it('gets back what it paid, once for each return and never more', () => {
    const paid = [sold, reserved('p1', 600), spent('p1', 600)];
    given(...paid)
      .when(refund('p1', 200, 'r1'))
      .then(refunded('p1', 200, 'r1'));
    given(...paid, refunded('p1', 200, 'r1'))
      .when(refund('p1', 200, 'r1'))
      .thenNothing();
    given(...paid, refunded('p1', 200, 'r1'))
      .when(refund('p1', 500, 'r2'))
      .then(refunded('p1', 400, 'r2'));
    given(...paid, refunded('p1', 600, 'r1'))
      .when(refund('p1', 1, 'r2'))
      .thenNothing();
    given(sold, reserved('p1', 600))
      .when(refund('p1', 1, 'r1'))
      .thenNothing();
  });

  it('lets money that comes back late be spent for 30 days', () => {
    const paid = [sold, reserved('p1', 600), spent('p1', 600)];
    given(...paid)
      .when(refund('p1', 200, 'r1', 4_000))
      .then({
        type: 'GiftCardRefunded',
        data: { ...charge('p1', 200), cause: 'r1', expiresAt: 4_000 + refundGoodForMs },
      });
  });

  it('is stopped and let go on, also before its sale', () => {
    const why = { card, reason: 'lost' };
    given()
      .when((state) => blockGiftCard(why, state))
      .then(blocked);
    given(blocked)
      .when((state) => blockGiftCard(why, state))
      .thenNothing();
    given(sold)
      .when((state) => unblockGiftCard(why, state))
      .thenNothing();
    given(sold, blocked)
      .when((state) => unblockGiftCard(why, state))
      .then({ type: 'GiftCardUnblocked', data: why });
  });

  it('loses what is left when its time is over, but nothing that is reserved', () => {
    const expire = (asOf: number) => (state: GiftCard) => expireGiftCard({ card, asOf }, state);
    const expired = { type: 'GiftCardExpired', data: { card, amount: 400, asOf: 5_000 } } as const;
    given(sold).when(expire(4_999)).thenNothing();
    given(sold, reserved('p1', 600)).when(expire(5_000)).then(expired);
    given(sold, spent('p1', 600), expired).when(expire(6_000)).thenNothing();
  });
});

describe('the history of a gift card', () => {
  const step = fc.record({
    kind: fc.constantFrom('reserve', 'spend', 'release', 'refund', 'expire'),
    purchaseId: fc.constantFrom('p1', 'p2', 'p3'),
    amount: fc.integer({ min: 1, max: 900 }),
    cause: fc.constantFrom('r1', 'r2', 'r3'),
    until: fc.constantFrom(9, 10),
  });

  it('never leaves less than nothing on it, and what was taken less what came back is outstanding', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let state = giftCard.evolve(giftCard.initial(), { ...sold, revision: 0, occurredAt: 0 });
        const figures = { taken: 0, back: 0, expired: 0 };
        for (const { kind, purchaseId, amount, cause, until } of steps) {
          const decide = {
            reserve: reserve(purchaseId, amount, until),
            spend: spend(purchaseId, amount),
            release: release(purchaseId, until),
            refund: refund(purchaseId, amount, cause),
            expire: (of: GiftCard) => expireGiftCard({ card, asOf: 4_000 }, of),
          }[kind];
          let events: GiftCardEvent[] = [];
          try {
            events = decide(state);
          } catch (error) {
            if (!(error instanceof Rejected)) throw error;
          }
          for (const event of events) {
            state = giftCard.evolve(state, { ...event, revision: 1, occurredAt: 0 });
            if (event.type === 'GiftCardChargeSpent') figures.taken += event.data.amount;
            if (event.type === 'GiftCardRefunded') figures.back += event.data.amount;
            if (event.type === 'GiftCardExpired') figures.expired += event.data.amount;
          }
          expect(state.balance).to.equal(1_000 - figures.taken + figures.back - figures.expired);
          expect(availableOn(state, null)).to.be.at.least(0);
          for (const { amount: took, refunded: gave } of state.charges.values()) {
            expect(gave).to.be.at.most(took);
          }
          expect(again(decide, state)).to.deep.equal([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  /** A repeat decides nothing, or is refused. */
  const again = (decide: (state: GiftCard) => GiftCardEvent[], state: GiftCard) => {
    try {
      return decide(state);
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      return [];
    }
  };
});
