/**
 * Settles what receipts reserved of coupons. A use is spent once the account (or the till, for an anonymous receipt) has recorded
 * it, released where its time is over and the history does not have it, and given back when the goods came back.
 *
 * At least once (settling.ts): every command has a key made of the fact it answers, so a repeat does nothing. Nothing is released
 * before the history of the account was read and does not have it, and nobody else releases: a code cannot be spent twice because a
 * worker was slow.
 */
import { couponGuard } from '../commands/coupon/shown.js';
import { giveCouponBack, releaseCoupon, spendCoupon } from '../commands/coupon/settleUse.js';
import type { Log } from '../commands/log.js';
import { isValid } from '../commands/validation.js';
import { type CouponReserved, type CouponUse, useKey } from '../domain/coupon/coupon.js';
import type { CouponRedeemed, CouponRestored } from '../domain/coupon/grants.js';
import { CouponCode } from '../domain/coupon/ids.js';
import type { EventOf } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import type { PurchaseId, TenantId, TillId, UserId } from '../domain/ids.js';
import type { CouponOutcome } from '../domain/pricing/priced.js';
import type { AnonymousPurchase, AnonymousReturn } from '../domain/sales/sales.js';
import { parseStreamName, type StreamName } from '../domain/stream.js';
import { answering, type AnsweringOptions } from './answering.js';
import { createCouponRecords, spentIn } from './couponRecords.js';
import { createOpenReservations } from './openReservations.js';
import { createSettling, type SettlingWorker } from './settling.js';

const name = 'coupons';
const answered = [
  'CouponRedeemed',
  'CouponRestored',
  'AnonymousPurchaseConfirmed',
  'AnonymousPurchaseReturned',
  'AnonymousPurchaseCancelled',
] as const;

type Reserved = EventOf<typeof CouponReserved>['data'];
type Named = Pick<CouponOutcome, 'code' | 'series'>;

export const createCouponsWorker = (
  options: AnsweringOptions & { readonly log: Pick<Log, 'read'> },
): SettlingWorker => {
  const { handler } = options;
  const contextOf = answering(name, options.now);
  const records = createCouponRecords(options.log);
  const open = createOpenReservations(({ metadata, data }) => {
    const reserved = data as Reserved;
    return openKey(metadata.tenant, reserved.code, reserved);
  });

  /** Where the uses of a code are counted; null for a granted coupon, and where nothing bounds them. */
  const counted = (tenant: TenantId, { code, series }: Named, userId: UserId | null) => {
    const found = handler.directory.coupons.series(tenant, series);
    if (!found || found.kind === 'personal' || !isValid(CouponCode, code)) return null;
    return couponGuard(tenant, found, code as CouponCode, userId)?.stream ?? null;
  };

  const spend = async (fact: Fact, named: Named, by: CouponUse): Promise<void> => {
    const { tenant } = fact.metadata;
    const key = openKey(tenant, named.code, by);
    const held = open.get(key)?.stream as StreamName | undefined;
    const stream = held ?? counted(tenant, named, by.userId);
    if (!stream) return;
    await handler.handle(spendCoupon, { stream, ...by }, contextOf(fact, named.code));
    open.delete(key);
  };

  const giveBack = async (fact: Fact, named: Named, by: CouponUse, cause: string) => {
    const stream = counted(fact.metadata.tenant, named, by.userId);
    if (!stream) return;
    await handler.handle(giveCouponBack, { stream, ...by, cause }, contextOf(fact, named.code));
  };

  const react = async (fact: Fact): Promise<void> => {
    const holder = parseStreamName(fact.stream)?.id ?? '';
    const { purchaseId } = fact.data as { purchaseId: PurchaseId };
    const customers: CouponUse = { purchaseId, userId: holder as UserId, tillId: null };
    const tills: CouponUse = { purchaseId, userId: null, tillId: holder as TillId };
    switch (fact.type as (typeof answered)[number]) {
      case 'CouponRedeemed':
        return spend(fact, fact.data as EventOf<typeof CouponRedeemed>['data'], customers);
      case 'CouponRestored': {
        const restored = fact.data as EventOf<typeof CouponRestored>['data'];
        return giveBack(fact, restored, customers, restored.cause);
      }
      case 'AnonymousPurchaseConfirmed':
        for (const named of spentIn((fact.data as AnonymousPurchase).coupons)) {
          await spend(fact, named, tills);
        }
        return;
      case 'AnonymousPurchaseReturned':
      case 'AnonymousPurchaseCancelled': {
        const { returnId, reversed = [] } = fact.data as Partial<AnonymousReturn>;
        // Most returns end no campaign, so the till's history is not read for them.
        if (!reversed.some(({ uses }) => uses > 0)) return;
        for (const named of await records.freedBy(fact, tills.tillId as TillId, purchaseId)) {
          await giveBack(fact, named, tills, returnId ?? purchaseId);
        }
      }
    }
  };

  const settle = async (fact: Fact): Promise<void> => {
    const reserved = fact.data as Reserved;
    const { purchaseId, userId, tillId, code } = reserved;
    const by = { stream: fact.stream as StreamName, purchaseId, userId, tillId };
    const record = await records.recordOf(fact.metadata.tenant, reserved);
    if (record) await handler.handle(spendCoupon, by, contextOf(record, code));
    else {
      const reason = 'the purchase was not recorded';
      await handler.handle(releaseCoupon, { ...by, reason }, contextOf(fact, code));
    }
  };

  return createSettling(options, {
    name,
    open,
    react,
    settle,
    answered,
    reserved: ['CouponReserved'],
    dueAt: ({ data }) => (data as Reserved).until,
  });
};

const openKey = (tenant: TenantId, code: string, by: CouponUse): string =>
  `${tenant}|${code}|${useKey(by)}`;
