/**
 * Accounts with random histories, told twice: as facts for the read models and as figures for the pure functions. Times lie on and
 * beside whole days, and amounts are few, so that bounds are met exactly.
 */
import fc from 'fast-check';
import type { Fact } from '../../../domain/fact.js';
import { gsrn } from '../../../domain/gsrn.js';
import type { MerchantId, ProductId, TenantId, UserId } from '../../../domain/ids.js';
import { type AccountFigures, dayMs } from '../../../domain/segment/figures.js';

export const start = Date.UTC(2026, 0, 1);
/** Days of a history. */
const span = 40;

export const catalogue: Readonly<Record<string, string | null>> = {
  milk: 'dairy',
  cheese: 'dairy',
  bread: 'bakery',
  bag: null,
};
/** One that nobody listed as well. */
const products = [...Object.keys(catalogue), 'unlisted'];

interface Bought {
  readonly at: number;
  readonly merchantId: number;
  readonly lines: readonly { readonly productId: string; readonly amount: number }[];
  /** Lines that come back, by index; or all of it void. */
  readonly back: readonly number[] | 'cancelled';
}
export interface History {
  readonly enrolledAt: number;
  readonly points: number;
  /** Those the customer came to, one after the other; null: to none. */
  readonly tiers: readonly (string | null)[];
  /** Those the customer chose, one after the other. */
  readonly languages: readonly (string | null)[];
  readonly closed: boolean;
  readonly purchases: readonly Bought[];
}

const moment = fc
  .tuple(fc.integer({ min: 0, max: span }), fc.constantFrom(-1, 0, 1, 43_200_000))
  .map(([day, offset]) => start + day * dayMs + offset);

const bought: fc.Arbitrary<Bought> = fc.record({
  at: moment,
  merchantId: fc.integer({ min: 1, max: 3 }),
  lines: fc.array(
    fc.record({
      productId: fc.constantFrom(...products),
      amount: fc.constantFrom(100, 200, 500),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  back: fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant('cancelled' as const) },
  ),
});

export const history: fc.Arbitrary<History> = fc.record({
  enrolledAt: moment,
  points: fc.constantFrom(0, 50, 100, 1_000),
  tiers: fc.array(fc.constantFrom('silver', 'gold', null), { maxLength: 3 }),
  languages: fc.array(fc.constantFrom('de', 'de-AT', 'sr-Latn-RS', 'fr', null), { maxLength: 2 }),
  closed: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  purchases: fc.array(bought, { maxLength: 6 }),
});

export const userOf = (n: number): UserId => gsrn('8018000010', BigInt(n + 1));

/** Null for a closed account: no segment has it. */
export const figuresOf = ({
  enrolledAt,
  points,
  tiers,
  languages,
  closed,
  purchases,
}: History): AccountFigures | null =>
  closed
    ? null
    : {
        enrolledAt,
        activePoints: points,
        tier: tiers.at(-1) ?? null,
        language: languages.at(-1) ?? null,
        purchases: purchases.flatMap(({ at, merchantId, lines, back }) => {
          if (back === 'cancelled') return [];
          const kept = lines.filter((_, index) => !back.includes(index));
          if (kept.length === 0) return [];
          return [
            {
              at,
              merchantId: merchantId as MerchantId,
              net: kept.reduce((sum, { amount }) => sum + amount, 0),
              lines: lines.map(({ productId }, index) => ({
                productId: productId as ProductId,
                category: catalogue[productId] ?? null,
                kept: back.includes(index) ? 0 : 1_000,
              })),
            },
          ];
        }),
      };

/** Facts of programmes, one position after another. */
export const tellFacts = (programmes: ReadonlyMap<TenantId, readonly History[]>): Fact[] => {
  const facts: Fact[] = [];
  const revisions = new Map<string, number>();
  const tell = (
    tenant: TenantId,
    category: string,
    id: string,
    type: string,
    at: number,
    data: object,
  ) => {
    const stream = `${category}-${tenant}.${id}`;
    const revision = revisions.get(stream) ?? 0;
    revisions.set(stream, revision + 1);
    const occurredAt = new Date(at).toISOString();
    const metadata = { tenant, occurredAt, correlationId: 'spec' };
    const position = BigInt(facts.length + 1);
    facts.push({ type, data, stream, revision, position, recordedAt: at, metadata } as Fact);
  };
  for (const [tenant, histories] of programmes) {
    for (const [productId, category] of Object.entries(catalogue)) {
      const data = { productId, name: productId, merchantId: null, category, price: null };
      tell(tenant, 'product', productId, 'ProductListed', start, data);
    }
    histories.forEach((one, n) => {
      const userId = userOf(n);
      const say = (type: string, at: number, data: object) =>
        tell(tenant, 'account', userId, type, at, data);
      tellHistory(one, userId, say);
    });
  }
  return facts;
};

const where = { pointOfSaleId: 10, tillId: 'till1', currency: 'GBP' };
const balance = { active: 0, pending: 0, deficit: 0 };

const tellHistory = (
  { enrolledAt, points, tiers, languages, closed, purchases }: History,
  userId: UserId,
  say: (type: string, at: number, data: object) => void,
): void => {
  const person = { userId, person: '', phoneHash: null, emailHash: null, merchantId: null };
  say('CustomerEnrolled', enrolledAt, person);
  if (points > 0) {
    const lot = { lotId: 'gift', points, repaid: 0, activatesAt: enrolledAt, expiresAt: null };
    const data = { adjustmentId: 'gift', points, reason: 'gift', lot, lots: [] };
    say('PointsAdjusted', enrolledAt, data);
  }
  tiers.forEach((to, index) => {
    const judged = { figure: 0, until: null, schemeVersion: 1, evidenceFrom: null };
    const from = tiers[index - 1] ?? null;
    say('TierChanged', enrolledAt, { from, to, cause: 'review', ...judged });
  });
  for (const language of languages) say('LanguageChosen', enrolledAt, { language });
  purchases.forEach(({ at, merchantId, lines, back }, index) => {
    const purchaseId = `p${index}`;
    const receipt = { purchaseId, merchantId, ...where };
    const amounts = lines.map(({ productId, amount }, line) => ({
      ...{ position: line + 1, productId, quantity: 1_000, price: amount, amount },
      ...{ paidByPoints: 0, pointsRedeemed: 0, pointsEarned: 0 },
    }));
    const total = lines.reduce((sum, { amount }) => sum + amount, 0);
    say('PurchaseConfirmed', at, {
      ...receipt,
      ...{ lines: amounts, total, offline: false, ruleVersion: 1, why: [], balance },
      ...{ paidByPoints: 0, pointsRedeemed: 0, pointsEarned: 0, deficitRepaid: 0 },
    });
    if (back === 'cancelled') {
      const refund = { amount: total, refund: total, paidByPoints: 0 };
      say('PurchaseCancelled', at, { ...receipt, reason: 'mistake', ...refund, why: [], balance });
      return;
    }
    const returned = amounts.filter((_, line) => back.includes(line));
    if (returned.length === 0) return;
    const amount = returned.reduce((sum, line) => sum + line.amount, 0);
    say('PurchaseReturned', at, {
      ...receipt,
      ...{ returnId: `r${index}`, lines: returned, amount, refund: amount, paidByPoints: 0 },
      ...{ complete: returned.length === amounts.length, why: [], balance },
    });
  });
  if (closed) say('AccountClosed', start + span * dayMs, { reason: 'left', forfeited: points });
};
