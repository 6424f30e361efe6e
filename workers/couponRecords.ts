/**
 * What histories say of the coupons that receipts used: where a use was recorded, and which codes a return of an anonymous receipt
 * gave free. Read only where a use is overdue or a return ended a campaign, which is seldom.
 */
import type { Log } from '../commands/log.js';
import { accountStream } from '../domain/account/account.js';
import type { CouponReserved } from '../domain/coupon/coupon.js';
import type { CouponRedeemed } from '../domain/coupon/grants.js';
import type { EventOf } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import type { PurchaseId, TenantId, TillId } from '../domain/ids.js';
import type { CampaignId } from '../domain/pricing/discount.js';
import type { CouponOutcome } from '../domain/pricing/priced.js';
import {
  type AnonymousPurchase,
  type AnonymousReturn,
  salesStream,
} from '../domain/sales/sales.js';

const page = 1_000;

export interface CouponRecords {
  /** The fact that says a purchase used a code; null where there is none. */
  recordOf(
    tenant: TenantId,
    reserved: EventOf<typeof CouponReserved>['data'],
  ): Promise<Fact | null>;
  /** As of a return of a till's receipt: the codes whose campaigns have nothing left of what they gave, the last of them by it. */
  freedBy(fact: Fact, tillId: TillId, purchaseId: PurchaseId): Promise<readonly CouponOutcome[]>;
}

export const spentIn = (coupons: readonly CouponOutcome[] = []): readonly CouponOutcome[] =>
  coupons.filter(({ refusal }) => refusal === null);

export const createCouponRecords = (log: Pick<Log, 'read'>): CouponRecords => {
  /** The first fact of a stream that is what is looked for. */
  const findIn = async (stream: string, wanted: (fact: Fact) => boolean): Promise<Fact | null> => {
    for (let from = 0; ; from += page) {
      const facts = await log.read(stream, from, page);
      const found = facts.find(wanted);
      if (found) return found;
      if (facts.length < page) return null;
    }
  };

  const recordOf: CouponRecords['recordOf'] = (tenant, { purchaseId, userId, tillId, code }) =>
    userId !== null
      ? findIn(accountStream(tenant, userId), ({ type, data }) => {
          if (type !== 'CouponRedeemed') return false;
          const redeemed = data as EventOf<typeof CouponRedeemed>['data'];
          return redeemed.purchaseId === purchaseId && redeemed.code === code;
        })
      : findIn(salesStream(tenant, tillId as TillId), ({ type, data }) => {
          if (type !== 'AnonymousPurchaseConfirmed') return false;
          const sale = data as AnonymousPurchase;
          return (
            sale.purchaseId === purchaseId &&
            spentIn(sale.coupons).some((spent) => spent.code === code)
          );
        });

  const freedBy: CouponRecords['freedBy'] = async ({ metadata, revision }, tillId, purchaseId) => {
    let spent: readonly CouponOutcome[] = [];
    const gone = new Set<CampaignId>();
    const now = new Set<CampaignId>();
    // Of the receipt and what became of it until then.
    await findIn(salesStream(metadata.tenant, tillId), (fact) => {
      if (fact.revision > revision) return true;
      const told = fact.data as AnonymousPurchase & Pick<AnonymousReturn, 'reversed'>;
      if (told.purchaseId !== purchaseId) return false;
      if (fact.type === 'AnonymousPurchaseConfirmed') spent = spentIn(told.coupons);
      for (const { campaignId, uses } of told.reversed ?? []) {
        if (uses === 0) continue;
        gone.add(campaignId);
        if (fact.revision === revision) now.add(campaignId);
      }
      return false;
    });
    return spent.filter(
      ({ campaigns }) =>
        campaigns.some((id) => now.has(id)) && campaigns.every((id) => gone.has(id)),
    );
  };

  return { recordOf, freedBy };
};
