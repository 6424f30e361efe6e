/**
 * Settles what receipts reserved of coupons. A use is spent once the account (or the till, for an anonymous receipt) has recorded
 * it, released where its time is over and the history does not have it, and given back when the goods came back.
 *
 * At least once, in the order of the log: every command has a key made of the fact it answers, so a repeat does nothing. Nothing is
 * released before the history of the account was read and does not have it, and nobody else releases: a code cannot be spent twice
 * because a worker was slow. The position that is kept lies before the oldest use still open, so a restart finds it again.
 */
import { couponGuard } from '../commands/coupon/shown.js';
import { giveCouponBack, releaseCoupon, spendCoupon } from '../commands/coupon/settleUse.js';
import type { CommandContext } from '../commands/command.js';
import type { Handler } from '../commands/handle.js';
import type { Log } from '../commands/log.js';
import { isValid } from '../commands/validation.js';
import { accountStream } from '../domain/account/account.js';
import { type CouponReserved, type CouponUse, useKey } from '../domain/coupon/coupon.js';
import type { CouponRedeemed, CouponRestored } from '../domain/coupon/grants.js';
import { CouponCode } from '../domain/coupon/ids.js';
import type { EventOf } from '../domain/event.js';
import type { Fact, Position } from '../domain/fact.js';
import type { PurchaseId, TenantId, TillId, UserId } from '../domain/ids.js';
import type { CampaignId } from '../domain/pricing/discount.js';
import type { CouponOutcome } from '../domain/pricing/priced.js';
import {
  type AnonymousPurchase,
  type AnonymousReturn,
  salesStream,
} from '../domain/sales/sales.js';
import { parseStreamName, type StreamName } from '../domain/stream.js';
import type { Feed } from '../projections/feed.js';
import type { Checkpoints } from './checkpoints.js';
import { createFollowing } from './following.js';
import { carryOut } from './persevere.js';

const page = 1_000;
const name = 'coupons';

const eventTypes = [
  'CouponReserved',
  'CouponRedeemed',
  'CouponRestored',
  'AnonymousPurchaseConfirmed',
  'AnonymousPurchaseReturned',
  'AnonymousPurchaseCancelled',
] as const;

type Reserved = EventOf<typeof CouponReserved>['data'];
type Named = Pick<CouponOutcome, 'code' | 'series'>;

interface Open {
  readonly fact: Fact;
  readonly reserved: Reserved;
  /** Of the fact before it: where a restart has to begin to see it again. */
  readonly before: Position | null;
}

export interface CouponsWorker {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Settles what is due as of now; `run` does it every 5 s. */
  sweep(signal: AbortSignal): Promise<void>;
  readonly open: () => number;
}

export const createCouponsWorker = (options: {
  readonly feed: Feed;
  readonly handler: Handler;
  readonly log: Pick<Log, 'read'>;
  readonly checkpoints: Checkpoints;
  readonly now: () => number;
  /** The log or the database did not answer: it is tried again. */
  readonly onFailed: (error: unknown) => void;
}): CouponsWorker => {
  const { feed, handler, log, now, onFailed } = options;
  const open = new Map<string, Open>();

  const contextOf = ({ id, metadata }: Fact, code: string): CommandContext => ({
    tenant: metadata.tenant,
    actor: { kind: 'worker', id: name },
    now: now(),
    idempotencyKey: `${name} ${id} ${code}`,
    correlationId: metadata.correlationId,
    causationId: id,
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
    const held = open.get(key)?.fact.stream as StreamName | undefined;
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

  /** Every fact of a stream, until one is what is looked for. */
  const findIn = async (stream: string, wanted: (fact: Fact) => boolean): Promise<Fact | null> => {
    for (let from = 0; ; from += page) {
      const facts = await log.read(stream, from, page);
      const found = facts.find(wanted);
      if (found) return found;
      if (facts.length < page) return null;
    }
  };

  /** The fact that says a purchase used a code; null where there is none. */
  const recordOf = (tenant: TenantId, { purchaseId, userId, tillId, code }: Reserved) =>
    userId !== null
      ? findIn(
          accountStream(tenant, userId),
          ({ type, data }) =>
            type === 'CouponRedeemed' &&
            (data as EventOf<typeof CouponRedeemed>['data']).purchaseId === purchaseId &&
            (data as EventOf<typeof CouponRedeemed>['data']).code === code,
        )
      : saleOf(tenant, tillId as TillId, purchaseId, ({ coupons }) =>
          spentIn(coupons).some((spent) => spent.code === code),
        );

  const saleOf = (
    tenant: TenantId,
    tillId: TillId,
    purchaseId: PurchaseId,
    wanted: (sale: AnonymousPurchase) => boolean = () => true,
  ) =>
    findIn(salesStream(tenant, tillId), ({ type, data }) => {
      if (type !== 'AnonymousPurchaseConfirmed') return false;
      const sale = data as AnonymousPurchase;
      return sale.purchaseId === purchaseId && wanted(sale);
    });

  /** As of a customer's receipt: the codes whose campaigns have nothing left of what they gave, the last of them by this fact. */
  const freedBy = async (
    { metadata, revision }: Fact,
    tillId: TillId,
    purchaseId: PurchaseId,
  ): Promise<readonly CouponOutcome[]> => {
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

  const react = async (fact: Fact): Promise<void> => {
    const holder = parseStreamName(fact.stream)?.id ?? '';
    const { purchaseId } = fact.data as { purchaseId: PurchaseId };
    const customers: CouponUse = { purchaseId, userId: holder as UserId, tillId: null };
    const tills: CouponUse = { purchaseId, userId: null, tillId: holder as TillId };
    switch (fact.type as (typeof eventTypes)[number]) {
      case 'CouponReserved':
        return;
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
        for (const named of await freedBy(fact, tills.tillId as TillId, purchaseId)) {
          await giveBack(fact, named, tills, returnId ?? purchaseId);
        }
      }
    }
  };

  const settle = async ({ fact, reserved }: Open): Promise<void> => {
    const { purchaseId, userId, tillId, code } = reserved;
    const by = { stream: fact.stream as StreamName, purchaseId, userId, tillId };
    const record = await recordOf(fact.metadata.tenant, reserved);
    if (record) await handler.handle(spendCoupon, by, contextOf(record, code));
    else {
      const reason = 'the purchase was not recorded';
      await handler.handle(releaseCoupon, { ...by, reason }, contextOf(fact, code));
    }
  };

  const sweep = async (signal: AbortSignal): Promise<void> => {
    for (const [key, use] of open) {
      if (signal.aborted) return;
      if (use.reserved.until > now()) continue;
      await carryOut(() => settle(use), signal, onFailed);
      if (open.get(key) === use) open.delete(key);
    }
  };

  const take = async (fact: Fact, signal: AbortSignal): Promise<void> => {
    if (fact.type === 'CouponReserved') {
      const reserved = fact.data as Reserved;
      const key = openKey(fact.metadata.tenant, reserved.code, reserved);
      open.delete(key);
      open.set(key, { fact, reserved, before: following.processed() });
    } else {
      await carryOut(() => react(fact), signal, onFailed);
    }
  };

  const following = createFollowing({
    ...{ name, feed, checkpoints: options.checkpoints, now, onFailed, take, sweep, eventTypes },
    resumeFrom: (processed) => {
      const [oldest] = open.values();
      return oldest ? oldest.before : processed;
    },
  });

  return { run: following.run, sweep, open: () => open.size };
};

const openKey = (tenant: TenantId, code: string, by: CouponUse): string =>
  `${tenant}|${code}|${useKey(by)}`;

const spentIn = (coupons: readonly CouponOutcome[] = []): readonly CouponOutcome[] =>
  coupons.filter(({ refusal }) => refusal === null);
