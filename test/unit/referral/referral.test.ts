import { expect } from 'chai';
import { Rejected } from '../../../domain/rejected.js';
import {
  endReferralProgramme,
  referrals,
  type ReferralProgrammeEvent,
  type ReferralProgramme,
  setReferralProgramme,
} from '../../../domain/referral/programme.js';
import {
  after,
  buy,
  cancel,
  day,
  enrolled,
  fold,
  given,
  giveBack,
  item,
  noon,
  record,
} from '../account/spec.js';
import { brought, newcomer, programme, reward, takeBack } from './spec.js';

const qualified = { type: 'ReferralQualified' } as const;
const bought = [{ type: 'PurchaseConfirmed' }, { type: 'PointsEarned' }] as const;
const rewarded = [{ type: 'ReferralRewarded' }, { type: 'PointsAwarded' }] as const;
const spending = { qualifies: { kind: 'spent', amount: 3_000, withinDays: 30 } } as const;

describe('a newcomer who was brought', () => {
  it('qualifies with the first receipt that is large enough, in its append', () => {
    given(brought())
      .when(buy('p1', [item(1_999)]))
      .then([...bought]);
    const past = after(brought(), buy('p1', [item(1_999)]));
    given(past)
      .when(buy('p2', [item(2_000)]))
      .then([
        ...bought,
        {
          ...qualified,
          data: {
            round: 1,
            purchaseId: 'p2',
            why: [{ code: 'referral-by-purchase', figures: { paid: 2_000, needed: 2_000 } }],
          },
        },
      ]);
  });

  it('qualifies once', () => {
    const past = after(brought(), buy('p1', [item(2_000)]));
    given(past)
      .when(buy('p2', [item(9_000)]))
      .then([...bought]);
  });

  it('has so many days for it, by the time of the receipt', () => {
    given(brought())
      .when(buy('p1', [item(2_000)], { now: noon + 30 * day }))
      .then([...bought]);
    const late = { now: noon + 40 * day, offline: true, occurredAt: noon + 29 * day };
    given(brought())
      .when(buy('p1', [item(2_000)], late))
      .then([...bought, qualified]);
  });

  it('counts what was paid in money, not in points', () => {
    const rich = after(brought(), buy('p0', [item(1_900)]));
    given(rich)
      .when(buy('p1', [item(2_010)], { redeemPoints: 1_900 }))
      .then([{ type: 'PurchaseConfirmed' }, { type: 'PointsRedeemed' }, { type: 'PointsEarned' }]);
  });

  it('qualifies by spending, less what was returned', () => {
    const past = after(after(brought(spending), buy('p1', [item(2_000)])), giveBack('p1', 'r1'));
    given(past)
      .when(buy('p2', [item(2_999)]))
      .then([...bought]);
    given(after(past, buy('p2', [item(2_999)])))
      .when(buy('p3', [item(100)]))
      .then([...bought, { ...qualified, data: { spent: 3_099 } }]);
  });

  it('is undone by a cancellation, and can qualify again', () => {
    const past = after(brought(), buy('p1', [item(2_000)]));
    given(past)
      .when(cancel('p1', { now: noon + 14 * day - 1 }))
      .then([
        { type: 'PurchaseCancelled' },
        { type: 'PointsClawedBack' },
        { type: 'ReferralDisqualified', data: { round: 1, purchaseId: 'p1', cause: 'p1' } },
      ]);
    given(after(past, cancel('p1')))
      .when(buy('p2', [item(2_000)]))
      .then([...bought, { ...qualified, data: { round: 2, purchaseId: 'p2' } }]);
  });

  it('keeps it after the days for taking back, and while something of the purchase is left', () => {
    const past = after(brought(), buy('p1', [item(1_000, 2)]));
    given(past)
      .when(cancel('p1', { now: noon + 14 * day }))
      .then([{ type: 'PurchaseCancelled' }, { type: 'PointsClawedBack' }]);
    given(past)
      .when(giveBack('p1', 'r1', [{ position: 1, quantity: 1_000 }]))
      .then([{ type: 'PurchaseReturned' }, { type: 'PointsClawedBack' }]);
  });

  it('is undone where returns bring the spending below what was asked for', () => {
    const past = after(
      after(brought(spending), buy('p1', [item(2_000)])),
      buy('p2', [item(1_500)]),
    );
    given(past)
      .when(giveBack('p1', 'r1'))
      .then([
        { type: 'PurchaseReturned' },
        { type: 'PointsClawedBack' },
        { type: 'ReferralDisqualified', data: { purchaseId: 'p1', cause: 'r1', spent: 1_500 } },
      ]);
  });

  it('is the same after a snapshot', async () => {
    const { account } = await import('../../../domain/account/account.js');
    const past = after(brought(), buy('p1', [item(2_000)]));
    const taken = JSON.parse(JSON.stringify(account.snapshot?.take(fold(record(past))))) as unknown;
    expect(account.snapshot?.restore(taken)).to.deep.equal(fold(record(past)));
  });
});

describe('rewarding referrals', () => {
  it('gives points of the programme, with terms of their own', () => {
    given(enrolled)
      .when(reward(1, { role: 'newcomer' }))
      .then([
        {
          type: 'ReferralRewarded',
          data: { role: 'newcomer', why: [{ code: 'referral-points' }] },
        },
        {
          type: 'PointsAwarded',
          data: { points: 300, activatesAt: noon + 7 * day, expiresAt: noon + 97 * day },
        },
      ]);
    const { points } = fold(record(after(enrolled, reward(1, { role: 'newcomer' }))));
    expect([points.activeTotal, points.pendingTotal]).to.deep.equal([0, 300]);
  });

  it('does nothing twice', () => {
    given(after(enrolled, reward(1)))
      .when(reward(1))
      .then([]);
  });

  it('grants a coupon, unless its series gives none', () => {
    const coupon = { referrer: { kind: 'coupon', series: 'thanks' as never } } as const;
    given(enrolled)
      .when(reward(1, { programme: coupon }))
      .then([
        { type: 'ReferralRewarded' },
        { type: 'CouponGranted', data: { couponId: `referral.referrer.${newcomer(1)}.1` } },
      ]);
    given(enrolled)
      .when(reward(1, { programme: coupon, seriesOpen: false }))
      .then([{ type: 'ReferralRewardRefused', data: { reason: 'series-closed' } }]);
  });

  it('refuses past the limit of the period and of all, with the reason', () => {
    const two = after(after(enrolled, reward(1)), reward(2));
    const refused = 'ReferralRewardRefused';
    given(two)
      .when(reward(3))
      .then([{ type: refused, data: { reason: 'period-limit-reached' } }]);
    const three = after(two, reward(3, { at: noon + 10 * day }));
    given(three)
      .when(reward(4, { at: noon + 20 * day }))
      .then([{ type: refused, data: { reason: 'limit-reached' } }]);
  });

  it('rewards newcomers whatever their referrer was given', () => {
    const full = after(after(enrolled, reward(1)), reward(2));
    given(full)
      .when(reward(3, { role: 'newcomer' }))
      .then([...rewarded]);
  });

  it('records that a closed account gets nothing', () => {
    const closed = [
      ...enrolled,
      { type: 'AccountClosed', data: { reason: '', forfeited: 0 } } as const,
    ];
    given(closed)
      .when(reward(1))
      .then([{ type: 'ReferralRewardRefused', data: { reason: 'account-closed' } }]);
  });

  it('repays a deficit first', () => {
    const owing = after(
      after(
        after(enrolled, buy('p1', [item(300)])),
        buy('p2', [item(1_000)], { redeemPoints: 300, rule: { version: 1, rule: poor } }),
      ),
      cancel('p1'),
    );
    expect(fold(record(owing)).points.deficit).to.equal(300);
    const { points } = fold(record(after(owing, reward(1))));
    expect([points.deficit, points.activeTotal]).to.deep.equal([0, 200]);
  });
});

describe('taking a referral back', () => {
  const taken = (policy: 'pendingOnly' | 'withinBalance' | 'allowDeficit') =>
    after(
      after(enrolled, reward(1, { rule: { clawback: policy } })),
      buy('p1', [item(1_000)], { redeemPoints: 400 }),
    );

  it('follows the policy the points were given under', () => {
    const back = { type: 'PointsAwardTakenBack' } as const;
    // 6.00 in money earned 6.00 points: those are in reach too.
    given(taken('withinBalance'))
      .when(takeBack(1))
      .then([{ type: 'ReferralRewardTakenBack' }, { ...back, data: { deficit: 0, forgiven: 0 } }]);
    given(taken('pendingOnly'))
      .when(takeBack(1))
      .then([{ type: 'ReferralRewardTakenBack' }, { ...back, data: { lots: [], forgiven: 500 } }]);
  });

  it('leaves a deficit where the policy says so', () => {
    const past = after(
      after(enrolled, reward(1)),
      buy('p1', [item(1_000)], { redeemPoints: 500, rule: { version: 1, rule: poor } }),
    );
    given(past)
      .when(takeBack(1))
      .then([
        { type: 'ReferralRewardTakenBack', data: { why: [{ code: 'deficit-made' }] } },
        { type: 'PointsAwardTakenBack', data: { deficit: 500 } },
      ]);
  });

  it('withdraws a coupon that was not used, and forfeits one that was', () => {
    const coupon = { referrer: { kind: 'coupon', series: 'thanks' as never } } as const;
    const past = after(enrolled, reward(1, { programme: coupon }));
    given(past)
      .when(takeBack(1))
      .then([{ type: 'ReferralRewardTakenBack' }, { type: 'CouponWithdrawn' }]);
    const couponId = `referral.referrer.${newcomer(1)}.1`;
    const used = {
      type: 'CouponRedeemed',
      data: { purchaseId: 'p1', code: couponId, series: 'thanks', campaigns: [] },
    } as never;
    given([...past, used])
      .when(takeBack(1))
      .then([
        { type: 'ReferralRewardTakenBack', data: { why: [{ code: 'referral-coupon-used' }] } },
        { type: 'CouponWithdrawn' },
      ]);
  });

  it('takes nothing back twice, nor what was never given', () => {
    given(after(after(enrolled, reward(1)), takeBack(1)))
      .when(takeBack(1))
      .then([]);
    given(enrolled).when(takeBack(1)).then([]);
  });

  it('sets the place under the limits free', () => {
    const full = after(after(enrolled, reward(1)), reward(2));
    given(after(full, takeBack(1)))
      .when(reward(3))
      .then([...rewarded]);
  });
});

describe('the referral programme', () => {
  const past = (...events: ReferralProgrammeEvent[]) =>
    events.reduce(
      (state, event) => referrals.evolve(state, { ...event, revision: 0, occurredAt: 0 }),
      referrals.initial(),
    );
  const set = (version: number): ReferralProgrammeEvent => ({
    type: 'ReferralProgrammeSet',
    data: { version, programme },
  });

  it('counts versions, and none for the same again', () => {
    const other: ReferralProgramme = { ...programme, takeBackDays: 1 };
    expect(setReferralProgramme({ programme }, past())).to.deep.equal([set(1)]);
    expect(setReferralProgramme({ programme: { ...programme } }, past(set(1)))).to.deep.equal([]);
    const next = { version: 2, programme: other };
    expect(setReferralProgramme({ programme: other }, past(set(1)))).to.containSubset([
      { data: next },
    ]);
  });

  it('ends once and opens again with the next version', () => {
    const [ended] = endReferralProgramme({ reason: 'over' }, past(set(1)));
    if (!ended) throw new Error('it did not end');
    expect(endReferralProgramme({ reason: 'over' }, past(set(1), ended))).to.deep.equal([]);
    expect(setReferralProgramme({ programme }, past(set(1), ended))).to.deep.equal([set(2)]);
  });

  it('refuses to reward nobody, and to end what never was', () => {
    const none = { ...programme, referrer: null, newcomer: null };
    expect(() => setReferralProgramme({ programme: none }, past())).to.throw(Rejected);
    expect(() => endReferralProgramme({ reason: 'over' }, past())).to.throw(Rejected);
  });
});

/** Earns nothing. */
const poor = {
  currency: 'GBP',
  earn: { points: 0, per: 100 },
  pointValue: 1,
  redeemMaxBasisPoints: 10_000,
  earnOnRedeemed: false,
  activationDelayDays: 0,
  lifetimeDays: null,
  clawback: 'allowDeficit' as const,
};
