import { expect } from 'chai';
import {
  foldCoupons,
  type GrantEvent,
  grantCoupon,
  heldCoupon,
  type HeldCoupons,
  withdrawCoupon,
} from '../../../domain/coupon/grants.js';
import type { CouponId, SeriesId } from '../../../domain/coupon/ids.js';
import type { PurchaseId } from '../../../domain/ids.js';
import { failure } from '../commands/failure.js';

const couponId = 'p1:welcome:1' as CouponId;
const series = 'welcome' as SeriesId;
const granted = { couponId, series, validFrom: 100, validUntil: 200, cause: 'p1' };
const grant: GrantEvent = { type: 'CouponGranted', data: granted };
const redeemed: GrantEvent = {
  type: 'CouponRedeemed',
  data: { purchaseId: 'p2' as PurchaseId, code: couponId, series, campaigns: [] },
};
const restored: GrantEvent = {
  type: 'CouponRestored',
  data: { purchaseId: 'p2' as PurchaseId, cause: 'r1', code: couponId, series },
};
const withdrawn: GrantEvent = { type: 'CouponWithdrawn', data: { couponId, reason: 'by mistake' } };
const heldAfter = (...events: GrantEvent[]): HeldCoupons => {
  const held: HeldCoupons = new Map();
  for (const event of events) foldCoupons(held, event);
  return held;
};
const refusalAt = (at: number, ...events: GrantEvent[]) =>
  heldCoupon(heldAfter(...events), couponId, at)?.refusal ?? 'usable';

describe('a coupon granted to a customer', () => {
  it('is granted once under its id', () => {
    expect(grantCoupon(granted, heldAfter())).to.deep.equal([grant]);
    expect(grantCoupon({ ...granted, validFrom: 1 }, heldAfter(grant))).to.deep.equal([]);
  });

  it('holds from its beginning until its end', () => {
    expect([99, 100, 199, 200].map((at) => refusalAt(at, grant))).to.deep.equal([
      'coupon-not-yet-valid',
      'usable',
      'usable',
      'coupon-expired',
    ]);
    const endless: GrantEvent = { ...grant, data: { ...granted, validUntil: null } };
    expect(refusalAt(1e15, endless)).to.equal('usable');
  });

  it('is used once, and again when the goods came back', () => {
    expect(refusalAt(150, grant, redeemed)).to.equal('coupon-spent');
    expect(refusalAt(150, grant, redeemed, restored)).to.equal('usable');
  });

  it('is withdrawn, and after its use does not come back with the goods', async () => {
    const order = { couponId, reason: 'by mistake' };
    expect(withdrawCoupon(order, heldAfter(grant))).to.deep.equal([withdrawn]);
    expect(withdrawCoupon(order, heldAfter(grant, withdrawn))).to.deep.equal([]);
    expect(withdrawCoupon(order, heldAfter(grant, redeemed))).to.deep.equal([withdrawn]);
    expect(withdrawCoupon(order, heldAfter(grant, redeemed, withdrawn))).to.deep.equal([]);
    expect(refusalAt(150, grant, redeemed, withdrawn)).to.equal('coupon-spent');
    expect(refusalAt(150, grant, redeemed, withdrawn, restored)).to.equal('coupon-withdrawn');
    expect(refusalAt(150, grant, withdrawn)).to.equal('coupon-withdrawn');
    const unknown = await failure((async () => withdrawCoupon(order, heldAfter()))());
    expect(unknown).to.have.property('code', 'coupon-not-found');
  });

  it('is none where the account does not hold it, nor where codes of others were redeemed', () => {
    expect(heldCoupon(heldAfter(), couponId, 150)).to.equal(null);
    expect(heldCoupon(heldAfter(redeemed), couponId, 150)).to.equal(null);
  });
});
