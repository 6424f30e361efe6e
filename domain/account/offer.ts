/**
 * What is on offer for a receipt besides the programme's rule, and what the receipt comes to with it.
 *
 * Everything is given: the campaigns in force, what their budgets still hold, what the catalogue says of the goods, who the customer
 * is to the programme, and the coupons that were shown, as they were looked up. What the account itself knows (the coupons it
 * holds, how often it used a campaign) is added here. Where nothing is on offer there is no offer, and a receipt is decided as if
 * campaigns had never been thought of.
 */
import { heldCoupon, type HeldCoupons } from '../coupon/grants.js';
import type { MerchantId, PointOfSaleId, ProductId } from '../ids.js';
import type { Attributes, BasketLine } from '../pricing/basketLines.js';
import type { CampaignSet } from '../pricing/campaignSet.js';
import type { CampaignId } from '../pricing/discount.js';
import type { Coupon, Customer, Remaining } from '../pricing/facts.js';
import { localTime } from '../pricing/localTime.js';
import { price } from '../pricing/price.js';
import type { PricedReceipt } from '../pricing/priced.js';
import type { ProgrammeRule } from '../programme/rule.js';
import type { GameSet } from '../game/turn.js';
import type { VersionedScheme } from '../tier/scheme.js';
import type { Basket, CountedLine } from './basket.js';
import type { ValidityOf } from './effects.js';
import type { Outcome } from './pricing.js';
import { recordedLine } from './recordedLine.js';
import { type Limits, remainingFor, type UsesByCampaign } from './uses.js';

/** A product's place in the catalogue. */
export type Goods = Pick<BasketLine, 'category' | 'brand' | 'attributes'>;

export interface Offer {
  readonly set: CampaignSet;
  readonly limits: ReadonlyMap<CampaignId, Limits>;
  /** What budgets still hold, by campaign id; whatever is not in it is unlimited. */
  readonly budgets: Readonly<Record<string, Remaining>>;
  readonly merchantId: MerchantId;
  readonly pointOfSaleId: PointOfSaleId;
  /** Of the merchant, IANA. */
  readonly timeZone: string;
  readonly goods: (productId: ProductId) => Goods | undefined;
  /** Of the receipt, as the till sent them. */
  readonly attributes?: Attributes;
  /** As shown, in order. */
  readonly shown: readonly string[];
  /** What the shown codes are; of those that the account holds, what their series refuses. */
  readonly coupons: ReadonlyMap<string, Coupon>;
  /** Drawn by campaign id, 0 to 999999; left out in a quote. */
  readonly draws?: Readonly<Record<string, number>>;
  readonly validityOf: ValidityOf;
  /** Null where the programme has none. */
  readonly games: GameSet | null;
  readonly scheme: VersionedScheme | null;
  /** What the programme knows of the customer and the account does not. */
  readonly customer: Pick<Customer, 'segments' | 'birthday'>;
}

/** What of an account takes part; null for an anonymous receipt. */
export interface Buyer {
  readonly activePoints: number;
  readonly tier: string | null;
  readonly purchases: number;
  readonly coupons: HeldCoupons;
  readonly uses: UsesByCampaign;
  readonly attributes?: Attributes;
  readonly language?: string | null;
}

export interface Asked {
  /** Milliseconds: the time the receipt is decided as of. */
  readonly at: number;
  /** Hundredths. */
  readonly redeemPoints: number;
  readonly tooManyPoints: 'refuse' | 'limit';
}

export interface OnOffer {
  readonly outcome: Outcome;
  readonly priced: PricedReceipt;
}

/** Games and tiers alone change no price. */
export const hasPrices = ({ set, shown }: Offer): boolean =>
  set.campaigns.length > 0 || shown.length > 0;

/** In the shop's time zone, YYYY-MM-DD. */
export const dayOn = ({ timeZone }: Offer, at: number): string => localTime(at, timeZone).date;

const nobodyUses: UsesByCampaign = new Map();

/** @throws Rejected as domain/pricing/price.ts. */
export const priceOnOffer = (
  basket: Basket,
  { at, redeemPoints, tooManyPoints }: Asked,
  buyer: Buyer | null,
  rule: ProgrammeRule,
  offer: Offer,
): OnOffer => {
  const { set, limits, budgets, merchantId, pointOfSaleId, timeZone, draws = {} } = offer;
  const day = dayOn(offer, at);
  const priced = price({
    receipt: {
      lines: basket.lines.map((line) => ({ ...line, ...goodsOf(line, offer) })),
      merchantId,
      pointOfSaleId,
      at,
      timeZone,
      coupons: couponsOf(offer, buyer, at),
      ...(offer.attributes && { attributes: offer.attributes }),
    },
    customer: buyer && customerOf(buyer, offer),
    campaigns: set,
    rule,
    redeemPoints,
    tooManyPoints,
    remaining: remainingFor(buyer?.uses ?? nobodyUses, limits, budgets, day),
    draws,
  });
  return { outcome: outcomeOf(priced, day), priced };
};

/** What the line says of itself goes before what the catalogue says. */
const goodsOf = ({ productId, attributes: own }: CountedLine, { goods }: Offer): Goods => {
  const { category = null, brand = null, attributes } = goods(productId) ?? {};
  const all = attributes || own ? { ...attributes, ...own } : undefined;
  return { category, brand, ...(all && { attributes: all }) };
};

const customerOf = (
  { activePoints, tier, purchases, attributes, language }: Buyer,
  { customer }: Offer,
): Customer => ({
  activePoints,
  tier,
  purchases,
  language: language ?? null,
  ...(attributes && { attributes }),
  ...customer,
});

/** A coupon shown twice is one. */
const couponsOf = ({ shown, coupons }: Offer, buyer: Buyer | null, at: number): Coupon[] =>
  [...new Set(shown)].map(
    (code) =>
      coupons.get(code) ??
      (buyer && heldCoupon(buyer.coupons, code, at)) ?? {
        code,
        series: 'unknown',
        refusal: 'coupon-unknown',
      },
  );

const outcomeOf = (priced: PricedReceipt, day: string): Outcome => {
  const { total, paidByPoints, pointsRedeemed, eligible, pointsEarned } = priced;
  const { discount, net, applied, refused, coupons, points, texts } = priced;
  return {
    lines: priced.lines.map(recordedLine),
    total,
    paidByPoints,
    pointsRedeemed,
    eligible,
    pointsEarned,
    campaigns: { discount, net, applied, refused, coupons, points, texts, day },
  };
};

/** The codes that were shown, as receipts record them. */
export const shownCodes = ({ shown, coupons }: Pick<Offer, 'shown' | 'coupons'>): string[] =>
  shown.map((typed) => coupons.get(typed)?.code ?? typed);
