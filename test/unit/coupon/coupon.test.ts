import { expect } from 'chai';
import fc from 'fast-check';
import {
  blockCode,
  coupon,
  type CouponEvent,
  type CouponUse,
  giveCouponBack,
  releaseCoupon,
  reserveCoupon,
  spendCoupon,
} from '../../../domain/coupon/coupon.js';
import type { CouponCode, SeriesId } from '../../../domain/coupon/ids.js';
import type { PurchaseId, TillId, UserId } from '../../../domain/ids.js';
import { specification } from '../registry/spec.js';

const given = specification(coupon);
const code = '0015T8VQ2MZ7K3HC' as CouponCode;
const seriesId = 'welcome' as SeriesId;
const of = { seriesId, code };
const ann = '8018000010000000000000013' as UserId;
const bob = '8018000010000000000000020' as UserId;
const use = (purchaseId: string, userId: UserId | null = ann, tillId = 'till1'): CouponUse => ({
  purchaseId: purchaseId as PurchaseId,
  userId,
  tillId: userId === null ? (tillId as TillId) : null,
});
const once = { most: 1, mostEach: null };
const reserve =
  (by: CouponUse, limits = once as { most: number | null; mostEach: number | null }) =>
  (state: ReturnType<typeof coupon.initial>) =>
    reserveCoupon({ ...by, ...of, until: 9 }, limits, state);

const reserved = (by: CouponUse): CouponEvent => ({
  type: 'CouponReserved',
  data: { ...by, ...of, until: 9 },
});
const spent = (by: CouponUse): CouponEvent => ({ type: 'CouponSpent', data: by });
const released = (by: CouponUse): CouponEvent => ({
  type: 'CouponReleased',
  data: { ...by, reason: 'why' },
});
const returned = (by: CouponUse): CouponEvent => ({
  type: 'CouponReturned',
  data: { ...by, cause: 'r1' },
});
const blocked: CouponEvent = { type: 'CouponCodeBlocked', data: { ...of, reason: 'stolen' } };
const [one, two] = [use('p1'), use('p2')];

describe('a code of single use', () => {
  it('is reserved by the first receipt, and not twice by the same', () => {
    given().when(reserve(one)).then(reserved(one));
    given(reserved(one)).when(reserve(one)).thenNothing();
    given(reserved(one), spent(one)).when(reserve(one)).thenNothing();
  });

  it('is refused to another receipt, of the same customer too', () => {
    given(reserved(one)).when(reserve(two)).thenRejected('coupon-reserved');
    given(reserved(one), spent(one)).when(reserve(two)).thenRejected('coupon-spent');
    given(reserved(one))
      .when(reserve(use('p1', bob)))
      .thenRejected('coupon-reserved');
  });

  it('tells anonymous receipts of the same number apart by their tills', () => {
    const here = use('1001', null, 'till1');
    const there = use('1001', null, 'till2');
    given(reserved(here)).when(reserve(there)).thenRejected('coupon-reserved');
    given(reserved(here)).when(reserve(here)).thenNothing();
  });

  it('is free again when it was released or given back', () => {
    given(reserved(one), released(one)).when(reserve(two)).then(reserved(two));
    given(reserved(one), spent(one), returned(one)).when(reserve(two)).then(reserved(two));
  });

  it('is spent once, even if it was released meanwhile', () => {
    given(reserved(one))
      .when((state) => spendCoupon(one, state))
      .then(spent(one));
    given(reserved(one), spent(one))
      .when((state) => spendCoupon(one, state))
      .thenNothing();
    given(reserved(one), released(one))
      .when((state) => spendCoupon(one, state))
      .then(spent(one));
  });

  it('is released only while it is reserved, and by its own receipt', () => {
    const release = (by: CouponUse) => (state: ReturnType<typeof coupon.initial>) =>
      releaseCoupon({ ...by, reason: 'why' }, state);
    given(reserved(one)).when(release(one)).then(released(one));
    given(reserved(one)).when(release(two)).thenNothing();
    given(reserved(one), spent(one)).when(release(one)).thenNothing();
    given().when(release(one)).thenNothing();
  });

  it('is given back once', () => {
    const give = (state: ReturnType<typeof coupon.initial>) =>
      giveCouponBack({ ...one, cause: 'r1' }, state);
    given(reserved(one), spent(one)).when(give).then(returned(one));
    given(reserved(one), spent(one), returned(one)).when(give).thenNothing();
  });

  it('is blocked for good, without harm to who used it before', () => {
    const block = (state: ReturnType<typeof coupon.initial>) =>
      blockCode({ ...of, reason: 'stolen' }, state);
    given().when(block).then(blocked);
    given(blocked).when(block).thenNothing();
    given(blocked).when(reserve(one)).thenRejected('coupon-blocked');
    given(reserved(one), blocked)
      .when((state) => spendCoupon(one, state))
      .then(spent(one));
  });
});

describe('a code of many uses', () => {
  const many = { most: 3, mostEach: 2 };

  it('is refused to everybody at its limit, and to a customer at theirs', () => {
    const p3 = use('p3', bob);
    given(reserved(one), reserved(two)).when(reserve(p3, many)).then(reserved(p3));
    given(reserved(one), reserved(two))
      .when(reserve(use('p4'), many))
      .thenRejected('coupon-limit-reached');
    given(reserved(one), reserved(two), reserved(p3))
      .when(reserve(use('p5', bob), many))
      .thenRejected('coupon-used-up');
    given(reserved(one), spent(one), returned(one), reserved(two))
      .when(reserve(use('p4'), many))
      .then(reserved(use('p4')));
  });

  it('never holds more uses than its limits, and forgets nothing in a snapshot', () => {
    const ask = fc.record({
      what: fc.constantFrom('reserve', 'spend', 'release', 'return'),
      by: fc.record({
        purchase: fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5'),
        user: fc.constantFrom(ann, bob, null),
      }),
    });
    fc.assert(
      fc.property(fc.array(ask, { maxLength: 60 }), (asks) => {
        let state = coupon.initial();
        const recordedUses = new Set<string>();
        for (const { what, by } of asks) {
          const who = use(by.purchase, by.user);
          // A worker spends what an account has recorded, and that it only does with a reservation.
          const key = JSON.stringify(who);
          if (what === 'spend' && !recordedUses.has(key)) continue;
          const decide = {
            reserve: reserve(who, many),
            spend: (now: typeof state) => spendCoupon(who, now),
            release: (now: typeof state) => releaseCoupon({ ...who, reason: 'why' }, now),
            return: (now: typeof state) => giveCouponBack({ ...who, cause: 'r' }, now),
          }[what as 'reserve'];
          let events: CouponEvent[] = [];
          try {
            events = decide(state);
          } catch {
            continue;
          }
          for (const event of events) {
            if (event.type === 'CouponReserved') recordedUses.add(key);
            if (event.type === 'CouponReleased' || event.type === 'CouponReturned') {
              recordedUses.delete(key);
            }
            state = coupon.evolve(state, { ...event, revision: 0, occurredAt: 0 });
          }
          expect(decide(state), 'repeated').to.deep.equal([]);
          expect(state.uses.size).to.be.at.most(3);
          for (const uses of state.byHolder.values()) expect(uses).to.be.within(1, 2);
          const kept = JSON.parse(JSON.stringify(coupon.snapshot?.take(state))) as unknown;
          expect(coupon.snapshot?.restore(kept)).to.deep.equal(state);
        }
      }),
    );
  });
});
