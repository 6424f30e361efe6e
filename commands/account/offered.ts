/**
 * What is on offer for a receipt: looks up everything that pricing is given, from what this process has in memory. Only budgets
 * and coupons have streams of their own to be asked; where there are none, nothing is waited for, and where no campaign is in force,
 * no coupon was shown and nothing is played for, there is no offer at all.
 */
import type { Account } from '../../domain/account/state.js';
import type { Goods, Offer } from '../../domain/account/offer.js';
import type { DomainEvent } from '../../domain/event.js';
import type {
  MerchantId,
  PointOfSaleId,
  PurchaseId,
  TenantId,
  TillId,
  UserId,
} from '../../domain/ids.js';
import type { Attributes } from '../../domain/pricing/basketLines.js';
import type { Applied, CouponOutcome } from '../../domain/pricing/priced.js';
import { budgetReservations, remainingBudgets } from '../campaign/budgets.js';
import type { CampaignsInForce } from '../campaigns.js';
import type { StateOf, Step } from '../command.js';
import { prizeSteps, withPrizesLeft } from '../game/prizes.js';
import { couponsShown, couponSteps, grantValidity, heldRefused } from '../coupon/shown.js';
import type { Directory } from '../directory.js';

/** A receipt as far as offers depend on it. */
export interface OfferQuestion {
  readonly tenant: TenantId;
  readonly merchantId: MerchantId;
  readonly pointOfSaleId: PointOfSaleId;
  readonly tillId: TillId;
  /** Null for an anonymous receipt. */
  readonly userId: UserId | null;
  /** Null in a quote. */
  readonly purchaseId: PurchaseId | null;
  /** Milliseconds: the time that the receipt is decided as of. */
  readonly at: number;
  readonly coupons?: readonly string[] | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface OfferFound {
  readonly offer: Offer;
  readonly inForce: CampaignsInForce;
  readonly question: OfferQuestion;
}

interface From {
  readonly directory: Directory;
  readonly stateOf: StateOf;
}

/** `account` is null for an anonymous receipt. */
export const offerFor = (
  question: OfferQuestion,
  account: Pick<Account, 'coupons' | 'profile'> | null,
  from: From,
): OfferFound | null | Promise<OfferFound> => {
  const inForce = from.directory.campaigns.at(question.tenant, question.at);
  if (inForce.set.campaigns.length === 0 && !question.coupons?.length) {
    const { games, tiers } = from.directory;
    const { tenant, userId } = question;
    const others = games.of(tenant).streaks.length > 0 || tiers.scheme(tenant) !== null;
    if (userId === null || !others) return null;
  }
  return lookUp(question, account, from, inForce);
};

const nobody = {};

const lookUp = async (
  question: OfferQuestion,
  account: Pick<Account, 'coupons' | 'profile'> | null,
  { directory, stateOf }: From,
  inForce: CampaignsInForce,
): Promise<OfferFound> => {
  const { tenant, merchantId, pointOfSaleId, tillId, userId, purchaseId, at } = question;
  const { coupons: shown = [], attributes } = question;
  const timeZone = directory.merchant(tenant, merchantId)?.timeZone ?? 'UTC';
  const budgets = await remainingBudgets(
    inForce,
    { tenant, merchantId, timeZone, at },
    stateOf,
    purchaseId && { purchaseId, userId, tillId },
  );
  const codes = shown.filter((code) => !account?.coupons.has(code as never));
  const receipt = { tenant, merchantId, tillId, userId, purchaseId, at };
  const coupons = new Map([
    ...(await couponsShown(directory.coupons, codes, receipt, stateOf)),
    ...heldRefused(directory.coupons, shown, account?.coupons ?? null, receipt),
  ]);
  const campaigns = inForce.set.campaigns.flatMap(({ campaign: { campaignId, version }, games }) =>
    games.length === 0 ? [] : (directory.campaigns.definition(tenant, campaignId, version) ?? []),
  );
  const drawn = userId !== null && purchaseId !== null && { tenant, userId, purchaseId };
  const draws = drawn ? await directory.games.draws(campaigns, drawn) : null;
  const played = userId === null ? null : directory.games.of(tenant);
  const games =
    played && drawn && draws
      ? await withPrizesLeft(played, campaigns, draws, drawn, stateOf)
      : played;
  const sealed = inForce.asksBirthday ? (account?.profile.birthday ?? null) : null;
  const birthday =
    userId !== null && sealed !== null
      ? await directory.birthdays.of(tenant, userId, sealed)
      : null;
  const offer: Offer = {
    set: inForce.set,
    limits: inForce.limits,
    budgets,
    merchantId,
    pointOfSaleId,
    timeZone,
    goods: (productId): Goods | undefined => directory.product(tenant, productId),
    shown,
    coupons,
    games,
    scheme: directory.tiers.scheme(tenant),
    validityOf: (series) => grantValidity(directory.coupons, tenant, series, at),
    customer:
      userId === null ? nobody : { segments: directory.segments.of(tenant, userId), birthday },
    ...(attributes && { attributes }),
    ...(draws && { draws }),
  };
  return { offer, inForce, question };
};

/** What a confirmed receipt records of its campaigns and coupons. */
interface ConfirmedReceipt {
  readonly purchaseId: PurchaseId;
  readonly applied?: readonly Applied[];
  readonly coupons?: readonly CouponOutcome[];
}

const none: readonly Step[] = [];

/** Wins the budgets, the codes and the scarce prizes that the decided receipt takes, each on its own stream. */
export const offerSteps = (
  found: OfferFound | null,
  receipt: ConfirmedReceipt | undefined,
  directory: Directory,
  now: number,
  decided: readonly DomainEvent[] = [],
): readonly Step[] => {
  if (!found || !receipt) return none;
  const { applied = [], coupons = [], purchaseId } = receipt;
  const { question, inForce, offer } = found;
  const { tenant, merchantId, tillId, userId, at } = question;
  const place = { tenant, merchantId, timeZone: offer.timeZone, at };
  const spent = coupons.filter(({ refusal }) => refusal === null);
  const by = { tenant, merchantId, tillId, userId, purchaseId };
  return [
    ...budgetReservations(inForce, applied, { purchaseId, userId, tillId }, place, { now }),
    ...couponSteps(directory.coupons, spent, by, now),
    ...(userId === null
      ? []
      : prizeSteps(offer.games, decided, { tenant, userId, purchaseId }, now)),
  ];
};
