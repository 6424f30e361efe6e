import { expect } from 'chai';
import { closeAccount } from '../../../domain/account/close.js';
import type { AccountEvent } from '../../../domain/account/events.js';
import { rejected } from '../../../domain/rejected.js';
import { after, buy, day, enrolled, fold, given, item, noon, record, under } from './spec.js';

const why = (events: readonly AccountEvent[]): string[] =>
  events.flatMap((event) =>
    event.type === 'PurchaseConfirmed' ? event.data.why.map(({ code }) => code) : [],
  );

describe('confirming a purchase', () => {
  it('earns points on the whole receipt and spreads them over its lines', () => {
    given(enrolled)
      .when(buy('p1', [item(333), item(667), item(0)]))
      .then([
        {
          type: 'PurchaseConfirmed',
          data: {
            total: 1_000,
            pointsEarned: 1_000,
            lines: [{ pointsEarned: 333 }, { pointsEarned: 667 }, { pointsEarned: 0 }],
            balance: { active: 1_000, pending: 0, deficit: 0 },
          },
        },
        { type: 'PointsEarned', data: { lotId: 'p1', points: 1_000, repaid: 0, earnedAt: noon } },
      ]);
  });

  it('pays with points, earns nothing on that part, and says so', () => {
    const events = given(after(enrolled, buy('p1', [item(10_000)])))
      .when(buy('p2', [item(500), item(300)], { redeemPoints: 40_000 / 100 }))
      .then([
        {
          type: 'PurchaseConfirmed',
          data: {
            paidByPoints: 4,
            pointsRedeemed: 400,
            pointsEarned: 796,
            lines: [{ paidByPoints: 3 }, { paidByPoints: 1 }],
            balance: { active: 10_396 },
          },
        },
        { type: 'PointsRedeemed', data: { points: 400, value: 4, lots: [{ lotId: 'p1' }] } },
        { type: 'PointsEarned', data: { points: 796 } },
      ]);
    expect(why(events)).to.include.members(['points-redeemed', 'paid-by-points-earns-nothing']);
  });

  it('earns on the part paid by points where the rule says so', () => {
    const rule = under({ earnOnRedeemed: true });
    given(after(enrolled, buy('p1', [item(10_000)])))
      .when(buy('p2', [item(800)], { redeemPoints: 400, rule }))
      .then([
        { type: 'PurchaseConfirmed', data: { pointsEarned: 800 } },
        { type: 'PointsRedeemed' },
        { type: 'PointsEarned' },
      ]);
  });

  it('uses the lot that expires first, and never-expiring ones last', () => {
    const never = after(enrolled, buy('never', [item(1_000)]));
    const late = after(never, buy('late', [item(1_000)], { rule: under({ lifetimeDays: 9 }) }));
    const soon = after(late, buy('soon', [item(1_000)], { rule: under({ lifetimeDays: 3 }) }));
    given(soon)
      .when(buy('p', [item(5_000)], { redeemPoints: 2_100 }))
      .then([
        { type: 'PurchaseConfirmed' },
        {
          type: 'PointsRedeemed',
          data: {
            lots: [
              { lotId: 'soon', points: 1_000 },
              { lotId: 'late', points: 1_000 },
              { lotId: 'never', points: 100 },
            ],
          },
        },
        { type: 'PointsEarned' },
      ]);
  });

  it('takes no more points than the value they pay needs', () => {
    const rule = under({ pointValue: 3 }); // a minor unit costs a third of a point
    given(after(enrolled, buy('p1', [item(10_000)])))
      .when(buy('p2', [item(1_000)], { redeemPoints: 50, rule }))
      .then([
        { type: 'PurchaseConfirmed', data: { paidByPoints: 1, pointsRedeemed: 34 } },
        { type: 'PointsRedeemed', data: { points: 34 } },
        { type: 'PointsEarned' },
      ]);
  });

  it('accepts a receipt over nothing', () => {
    const events = given(enrolled)
      .when(buy('free', [item(0)]))
      .then([{ type: 'PurchaseConfirmed', data: { total: 0, pointsEarned: 0 } }]);
    expect(why(events)).to.include('nothing-earned');
  });

  it('first activates and expires what is due', () => {
    const sleeping = under({ activationDelayDays: 2, lifetimeDays: 5 });
    const past = after(
      after(enrolled, buy('old', [item(1_000)], { rule: sleeping })),
      buy('young', [item(2_000)], { rule: sleeping, now: noon + 4 * day }),
    );
    given(past)
      .when(buy('p', [item(100)], { now: noon + 7 * day }))
      .then([
        { type: 'PointsActivated', data: { lots: [{ lotId: 'young' }] } },
        { type: 'PointsExpired', data: { lots: [{ lotId: 'old' }], points: 1_000 } },
        { type: 'PurchaseConfirmed', data: { balance: { active: 2_100, pending: 0 } } },
        { type: 'PointsEarned' },
      ]);
  });

  it('repays a deficit before anything goes into a lot', () => {
    const { lots: _, ...owing } = { lots: 0, purchaseId: 'p0', cause: 'r0' };
    const deficit = {
      type: 'PointsClawedBack',
      data: { ...owing, policy: 'allowDeficit', points: 300, lots: [], deficit: 300, forgiven: 0 },
    } as unknown as AccountEvent;
    given([...enrolled, deficit])
      .when(buy('p1', [item(1_000)]))
      .then([
        {
          type: 'PurchaseConfirmed',
          data: { deficitRepaid: 300, balance: { active: 700, pending: 0, deficit: 0 } },
        },
        { type: 'PointsEarned', data: { points: 1_000, repaid: 300 } },
      ]);
  });

  describe('sent again', () => {
    const bought = after(enrolled, buy('p1', [item(1_000)], { redeemPoints: 0 }));

    it('decides nothing', () => {
      given(bought)
        .when(buy('p1', [item(1_000)]))
        .then([]);
    });
    it('decides nothing even when the till queued it as offline meanwhile', () => {
      const again = buy('p1', [item(1_000)], { offline: true, occurredAt: noon - 1_000 });
      given(bought).when(again).then([]);
    });
    it('is refused with other lines, another redemption or from another till', () => {
      given(bought)
        .when(buy('p1', [item(1_001)]))
        .rejects('purchase-exists');
      given(bought)
        .when(buy('p1', [item(1_000)], { redeemPoints: 100 }))
        .rejects('purchase-exists');
      given(bought)
        .when(buy('p1', [item(1_000)], { tillId: 'till2' as never }))
        .rejects('purchase-exists');
    });
    it('tells another day from a repeat where receipts are numbered anew', () => {
      const monday = { offline: true, occurredAt: noon - 3 * day };
      const state = fold([
        ...record(enrolled),
        ...record(buy('p1', [item(1_000)], monday)(fold(record(enrolled)), []), 2, noon - 3 * day),
      ]);
      expect(state.purchases.has('p1' as never)).to.equal(true);
      const history = [
        ...record(enrolled),
        ...record(buy('p1', [item(1_000)], monday)(fold(record(enrolled)), []), 2, noon - 3 * day),
      ];
      expect(buy('p1', [item(1_000)], monday)(fold(history), history)).to.deep.equal([]);
      const tuesday = { offline: true, occurredAt: noon - 2 * day };
      expect(() => buy('p1', [item(1_000)], tuesday)(fold(history), history)).to.throw('Another');
    });
  });

  describe('is refused', () => {
    const rich = after(enrolled, buy('p1', [item(10_000)]));

    it('for nobody', () =>
      given([])
        .when(buy('p', [item(1)]))
        .rejects('account-not-found'));
    it('after the account was closed', () => {
      const closed = after(enrolled, (state) => closeAccount({ reason: 'asked', at: noon }, state));
      given(closed)
        .when(buy('p', [item(1)]))
        .rejects('account-closed');
    });
    it('with a card of somebody else or a blocked one', () => {
      given(enrolled)
        .when(buy('p', [item(1)], { cardNumber: '9999' }))
        .rejects('card-not-found');
      const blocked: AccountEvent[] = [
        { type: 'CardBlocked', data: { cardNumber: '2200000000017' as never, reason: 'lost' } },
      ];
      given(enrolled, blocked)
        .when(buy('p', [item(1)], { cardNumber: '2200000000017' }))
        .rejects('card-blocked');
    });
    it('when it would pay with more points than there are, or than the rule allows', () => {
      given(rich)
        .when(buy('p', [item(90_000)], { redeemPoints: 10_001 }))
        .rejects('not-enough-points');
      given(rich)
        .when(buy('p', [item(100)], { redeemPoints: 5_100 }))
        .rejects('redemption-over-limit');
    });
    it('when points are pending still', () => {
      const asleep = after(
        enrolled,
        buy('p1', [item(9_000)], { rule: under({ activationDelayDays: 1 }) }),
      );
      given(asleep)
        .when(buy('p', [item(900)], { redeemPoints: 100 }))
        .rejects('not-enough-points');
    });
    it('when it comes out otherwise than quoted', () => {
      const checkQuote = () => {
        throw rejected('price-changed');
      };
      given(rich)
        .when(buy('p', [item(1)], { checkQuote }))
        .rejects('price-changed');
    });
    it('with a date in the future, but for five minutes', () => {
      const at = (minutes: number) => ({ offline: true, occurredAt: noon + minutes * 60_000 });
      given(enrolled)
        .when(buy('p', [item(100)], at(6)))
        .rejects('time-in-future');
      given(enrolled)
        .when(buy('p', [item(100)], at(4)))
        .then([{ type: 'PurchaseConfirmed' }, { type: 'PointsEarned', data: { earnedAt: noon } }]);
    });
  });

  describe('offline', () => {
    it('earns as of the time of the till and says so', () => {
      const events = given(enrolled)
        .when(
          buy('p', [item(1_000)], {
            offline: true,
            occurredAt: noon - 30 * day,
            slip: { pointsEarned: 2_000, total: 999 },
            rule: under({ activationDelayDays: 3, lifetimeDays: 10 }),
          }),
        )
        .then([
          { type: 'PurchaseConfirmed', data: { offline: true, balance: { pending: 1_000 } } },
          { type: 'PointsEarned', data: { earnedAt: noon - 30 * day, expiresAt: noon - 17 * day } },
        ]);
      expect(why(events)).to.include.members([
        'decided-late',
        'earned-points-outlived',
        'slip-points-differ',
        'slip-total-differs',
      ]);
    });
    it('never spends', () => {
      given(after(enrolled, buy('p1', [item(10_000)])))
        .when(buy('p2', [item(100)], { offline: true, redeemPoints: 100 }))
        .rejects('offline-cannot-spend');
    });
  });
});
