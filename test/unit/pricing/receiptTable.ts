/**
 * The worked receipts of test/receipts, as a merchant reads them: money and quantities are decimals, points are whole or with
 * two places, prices come from one small catalogue. Campaigns stand in them exactly as the admin API takes them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MerchantId, PointOfSaleId, ProductId } from '../../../domain/ids.js';
import type { BasketLine } from '../../../domain/pricing/basketLines.js';
import type { Campaign, Caps } from '../../../domain/pricing/campaign.js';
import { compileCampaigns } from '../../../domain/pricing/campaignSet.js';
import type { Customer, Remaining } from '../../../domain/pricing/facts.js';
import { price } from '../../../domain/pricing/price.js';
import type { Applied, PricedReceipt } from '../../../domain/pricing/priced.js';
import type { ProgrammeRule } from '../../../domain/programme/rule.js';
import { packageRoot } from '../../../platform/packageRoot.js';

interface Item {
  readonly sku: string;
  readonly quantity?: number;
  readonly price?: number;
  readonly attributes?: BasketLine['attributes'];
}

type WorkedCustomer = Omit<Customer, 'activePoints'> & { readonly points?: number };

export interface Worked {
  readonly title: string;
  readonly at?: string;
  readonly timeZone?: string;
  readonly merchant?: number;
  readonly shop?: number;
  readonly attributes?: BasketLine['attributes'];
  /** Those of the file where they are left out. */
  readonly campaigns?: readonly string[];
  readonly caps?: Caps;
  readonly rule?: Partial<ProgrammeRule>;
  /** Null: anonymous. */
  readonly customer?: WorkedCustomer | null;
  readonly basket: readonly Item[];
  readonly coupons?: readonly {
    readonly code: string;
    readonly series: string;
    readonly refusal?: string;
  }[];
  readonly redeem?: number;
  readonly remaining?: Readonly<Record<string, Remaining>>;
  readonly draws?: Readonly<Record<string, number>>;
  readonly expected: Expected;
}

export interface Expected {
  /** In the order of the basket: what each line comes to after discounts. */
  readonly lines: readonly number[];
  readonly toPay: number;
  readonly earned: number;
  /** By campaign: discount, points, and the effects in words. */
  readonly applied?: Readonly<Record<string, string>>;
  readonly refused?: Readonly<Record<string, string>>;
  readonly coupons?: Readonly<Record<string, string>>;
  readonly paidByPoints?: readonly number[];
  readonly most?: number;
  /** For each line with units that fare differently: `count × net`. */
  readonly units?: Readonly<Record<string, string>>;
  readonly cashier?: readonly string[];
  readonly slip?: readonly string[];
}

interface WorkedFile {
  readonly mechanic: string;
  readonly about: string;
  readonly campaigns: readonly Campaign[];
  readonly receipts: readonly Worked[];
}

const folder = join(packageRoot, 'test/receipts');
const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));

type Catalogue = Readonly<
  Record<string, Pick<BasketLine, 'category' | 'brand' | 'attributes'> & { readonly price: number }>
>;
const catalogue = read('catalogue.json') as Catalogue;

export const workedFiles: readonly WorkedFile[] = readdirSync(folder)
  .filter((file) => file.endsWith('.json') && file !== 'catalogue.json')
  .sort()
  .map((file) => read(file) as WorkedFile);

/** One point for every pound, a point pays a penny, half of a receipt at most. */
const plainRule: ProgrammeRule = {
  currency: 'GBP',
  earn: { points: 100, per: 100 },
  pointValue: 1,
  redeemMaxBasisPoints: 5_000,
  earnOnRedeemed: false,
  activationDelayDays: 0,
  lifetimeDays: null,
  clawback: 'allowDeficit',
};

const hundredths = (decimal: number): number => Math.round(decimal * 100);

const lineOf = (
  { sku, quantity = 1, price: given, attributes }: Item,
  index: number,
): BasketLine => {
  const product = catalogue[sku];
  if (!product) throw new Error(`There is no ${sku} in test/receipts/catalogue.json.`);
  const unitPrice = hundredths(given ?? product.price);
  return {
    position: index + 1,
    productId: sku as ProductId,
    quantity: Math.round(quantity * 1_000),
    price: unitPrice,
    amount: Math.round(unitPrice * quantity),
    category: product.category ?? null,
    brand: product.brand ?? null,
    attributes: { ...product.attributes, ...attributes },
  };
};

const customerOf = (given: WorkedCustomer | null | undefined): Customer | null => {
  if (given === null) return null;
  const { points = 0, ...customer } = given ?? {};
  return { purchases: 1, ...customer, activePoints: hundredths(points) };
};

export const priceWorked = (file: WorkedFile, worked: Worked): PricedReceipt => {
  const { campaigns: chosen } = worked;
  const campaigns = file.campaigns.filter(
    ({ campaignId }) => !chosen || chosen.includes(campaignId),
  );
  return price({
    receipt: {
      lines: worked.basket.map(lineOf),
      merchantId: (worked.merchant ?? 1) as MerchantId,
      pointOfSaleId: (worked.shop ?? 10) as PointOfSaleId,
      // A Wednesday.
      at: Date.parse(worked.at ?? '2026-03-04T12:00:00Z'),
      timeZone: worked.timeZone ?? 'Europe/London',
      ...(worked.attributes ? { attributes: worked.attributes } : {}),
      coupons: worked.coupons ?? [],
    },
    customer: customerOf(worked.customer),
    campaigns: compileCampaigns(campaigns, worked.caps),
    rule: { ...plainRule, ...worked.rule },
    redeemPoints: hundredths(worked.redeem ?? 0),
    tooManyPoints: 'limit',
    remaining: worked.remaining ?? {},
    draws: worked.draws ?? {},
  });
};

const effectText = (effect: Applied['effects'][number]): string => {
  switch (effect.kind) {
    case 'gift':
      return `gift of ${effect.quantity / 1_000} ${effect.productIds.join('/')}`;
    case 'coupon-grant':
      return `${effect.quantity} coupon of ${effect.series}`;
    case 'stamps':
      return `${effect.stamps} stamps on ${effect.card}`;
    case 'challenge':
      return `${effect.progress} towards ${effect.challenge}`;
    case 'instant-win':
      return effect.draw === null ? 'a draw to come' : `drew ${effect.prize ?? 'nothing'}`;
  }
};

const appliedText = ({ discount, points, effects }: Applied): string =>
  [
    ...(discount > 0 ? [`-${(discount / 100).toFixed(2)}`] : []),
    ...(points > 0 ? [`+${points / 100} points`] : []),
    ...effects.map(effectText),
  ].join(', ');

const entries = (list: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.fromEntries(list);

/** The outcome in the words of the table, in just the parts that the receipt speaks of. */
export const asExpected = (priced: PricedReceipt, expected: Partial<Expected>): Expected => {
  const whole: Required<Expected> = {
    lines: priced.lines.map(({ net }) => net / 100),
    toPay: priced.toPay / 100,
    earned: priced.pointsEarned / 100,
    applied: entries(priced.applied.map((one) => [one.campaignId, appliedText(one)])),
    refused: entries(
      priced.refused.map(({ campaignId, code, by }) => [campaignId, by ? `${code}: ${by}` : code]),
    ),
    coupons: entries(
      priced.coupons.map(({ code, refusal, campaigns }) => [code, refusal ?? campaigns.join()]),
    ),
    paidByPoints: priced.lines.map(({ paidByPoints }) => paidByPoints / 100),
    most: priced.most.value / 100,
    units: entries(
      priced.lines.flatMap(({ productId, units }) =>
        units
          ? [
              [
                productId,
                units.map(({ count, net }) => `${count} × ${(net / 100).toFixed(2)}`).join(', '),
              ],
            ]
          : [],
      ),
    ),
    cashier: [...priced.texts.cashier],
    slip: [...priced.texts.slip],
  };
  const always: readonly (keyof Expected)[] = ['lines', 'toPay', 'earned'];
  const spoken = (Object.keys(whole) as (keyof Expected)[]).filter(
    (key) =>
      always.includes(key) ||
      key in expected ||
      (['applied', 'refused', 'coupons'].includes(key) && Object.keys(whole[key]).length > 0),
  );
  return Object.fromEntries(spoken.map((key) => [key, whole[key]])) as unknown as Expected;
};
