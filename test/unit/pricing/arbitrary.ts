/** Random receipts and campaigns for the properties of pricing: small worlds, so that things meet often. */
import fc from 'fast-check';
import type { MerchantId, PointOfSaleId, ProductId } from '../../../domain/ids.js';
import type { BasketLine } from '../../../domain/pricing/basketLines.js';
import type { CampaignId } from '../../../domain/pricing/discount.js';
import type { Campaign, Caps } from '../../../domain/pricing/campaign.js';
import type { Condition } from '../../../domain/pricing/conditionTree.js';
import type { Customer, Receipt } from '../../../domain/pricing/facts.js';
import type { Reward } from '../../../domain/pricing/rewards.js';
import type { ProgrammeRule } from '../../../domain/programme/rule.js';

const products = ['a', 'b', 'c', 'd', 'e'] as ProductId[];
const categories = ['dairy', 'dairy/cheese', 'drinks', 'dairy/cheese/blue'];
const brands = ['Meadow', 'Roast'];
const segments = ['vip', 'new', 'lost'];
const series = ['welcome', 'ten'];

const money = fc.oneof(fc.constantFrom(100, 199), fc.nat(30), fc.nat(3_000), fc.nat(100_000));
const quantity = fc.oneof(
  fc.integer({ min: 1, max: 7 }).map((units) => units * 1_000),
  fc.integer({ min: 1, max: 3_000 }),
  fc.integer({ min: 50, max: 3_000 }).map((units) => units * 1_000),
);

const line = fc
  .record({
    productId: fc.constantFrom(...products),
    quantity,
    price: money,
    category: fc.constantFrom(...categories, null),
    brand: fc.constantFrom(...brands, null),
  })
  .map((given): Omit<BasketLine, 'position'> => ({
    ...given,
    amount: Math.round((given.price * given.quantity) / 1_000),
  }));

export const numbered = (lines: readonly Omit<BasketLine, 'position'>[]): BasketLine[] =>
  lines.map((one, index) => ({ ...one, position: index + 1 }));

export const basket = fc.array(line, { minLength: 1, maxLength: 8 }).map(numbered);

const coupons = fc.subarray([
  { code: 'W1', series: 'welcome' },
  { code: 'T1', series: 'ten' },
  { code: 'T2', series: 'ten' },
  { code: 'X', series: 'gone', refusal: 'coupon-expired' },
]);

export const receipt: fc.Arbitrary<Receipt> = fc.record({
  lines: basket,
  merchantId: fc.constantFrom(1, 2) as fc.Arbitrary<MerchantId>,
  pointOfSaleId: fc.constantFrom(10, 20) as fc.Arbitrary<PointOfSaleId>,
  at: fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }),
  timeZone: fc.constantFrom('Europe/London', 'Asia/Yekaterinburg', 'America/St_Johns'),
  coupons,
});

export const customer: fc.Arbitrary<Customer> = fc.record({
  activePoints: fc.nat(2_000_000),
  tier: fc.constantFrom('gold', null),
  segments: fc.subarray(segments),
  birthday: fc.constantFrom('--06-15', null),
  purchases: fc.nat(10),
  language: fc.constantFrom('de-AT', 'fr', null),
});

export const rule: fc.Arbitrary<ProgrammeRule> = fc.record({
  currency: fc.constant('GBP'),
  earn: fc.record({ points: fc.nat(500), per: fc.integer({ min: 1, max: 700 }) }),
  pointValue: fc.integer({ min: 1, max: 150 }),
  redeemMaxBasisPoints: fc.integer({ min: 0, max: 10_000 }),
  earnOnRedeemed: fc.boolean(),
  activationDelayDays: fc.constant(0),
  lifetimeDays: fc.constant(null),
  clawback: fc.constant('allowDeficit' as const),
});

const some = <Value>(values: readonly Value[]) =>
  fc.subarray([...values], { minLength: 1, maxLength: 2 });

const simple: fc.Arbitrary<Condition> = fc.oneof(
  some(products).map((productIds): Condition => ({ kind: 'product', productIds })),
  some(['dairy', 'dairy/cheese', 'drinks']).map((list): Condition => ({
    kind: 'category',
    categories: list,
  })),
  some(brands).map((list): Condition => ({ kind: 'brand', brands: list })),
  some(segments).map((list): Condition => ({ kind: 'segment', segments: list })),
  some(series).map((list): Condition => ({ kind: 'coupon', series: list })),
  fc.constant<Condition>({ kind: 'tier', tiers: ['gold'] }),
  fc.constant<Condition>({ kind: 'language', languages: ['de'] }),
  fc.constant<Condition>({ kind: 'weekday', days: ['mon', 'tue', 'wed', 'thu'] }),
  fc.constant<Condition>({ kind: 'merchant', merchantIds: [1 as MerchantId] }),
  fc.constant<Condition>({ kind: 'point-of-sale', pointOfSaleIds: [20 as PointOfSaleId] }),
  fc.constant<Condition>({ kind: 'hours', from: '08:00', until: '20:00' }),
  fc.nat(20_000).map((min): Condition => ({ kind: 'receipt-total', min, of: 'payable' })),
  fc.nat(3_000).map((max): Condition => ({ kind: 'unit-price', max })),
);

const { tree } = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    simple,
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((and): Condition => ({ and })),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((or): Condition => ({ or })),
    tie('tree').map((not): Condition => ({ not })),
    fc
      .record({ lines: tie('tree'), quantity: fc.record({ min: fc.nat(4_000) }) })
      .map((given): Condition => ({ kind: 'contains', ...given })),
  ),
}));

const lines = fc.option(tree, { nil: undefined }).map((given) => (given ? { lines: given } : {}));
const basisPoints = fc.integer({ min: 1, max: 10_000 });
const setsMax = fc.constantFrom({}, { setsMax: 1 }, { setsMax: 3 });
const spread = fc.constantFrom({}, { spread: 'set' as const });

const merge = (...parts: object[]): Reward => Object.assign({}, ...parts) as Reward;
const made = (kind: string, ...parts: fc.Arbitrary<object>[]): fc.Arbitrary<Reward> =>
  fc.tuple(...parts).map((given) => merge({ kind }, ...given));

export const discount: fc.Arbitrary<Reward> = fc.oneof(
  made(
    'percent',
    fc.record({
      basisPoints,
      per: fc.constantFrom('line', 'receipt'),
      of: fc.constantFrom('left', 'full'),
    }),
    lines,
  ),
  made(
    'amount-off',
    fc.record({ amount: money, per: fc.constantFrom('unit', 'line', 'receipt') }),
    lines,
  ),
  made('fixed-price', fc.record({ price: money }), lines),
  made(
    'buy-get',
    fc.record({
      buy: fc
        .tuple(fc.record({ units: fc.integer({ min: 1, max: 3 }) }), lines)
        .map((p) => merge(...p)),
      get: fc
        .tuple(fc.record({ units: fc.integer({ min: 1, max: 2 }) }), lines)
        .map((p) => merge(...p)),
      basisPoints,
    }),
    setsMax,
    spread,
  ),
  made(
    'bundle',
    fc.record({
      parts: fc.array(fc.record({ lines: tree, units: fc.integer({ min: 1, max: 2 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
    fc.oneof(fc.record({ price: money }), fc.record({ basisPoints })),
    setsMax,
  ),
  made(
    'cheapest-free',
    fc.record({ every: fc.integer({ min: 2, max: 4 }), basisPoints }),
    lines,
    setsMax,
    spread,
  ),
  made(
    'nth-unit',
    fc.record({
      nth: fc.integer({ min: 2, max: 4 }),
      basisPoints,
      per: fc.constantFrom('product', 'receipt'),
    }),
    lines,
  ),
  made('gift', fc.record({ productIds: some(products), units: fc.integer({ min: 1, max: 2 }) })),
);

const bonus: fc.Arbitrary<Reward> = fc.oneof(
  made(
    'points-by-amount',
    fc.record({ points: fc.nat(900), per: fc.integer({ min: 1, max: 900 }) }),
    lines,
  ),
  made('points-by-product', fc.record({ points: fc.nat(900), lines: tree })),
  made(
    'points-multiplier',
    fc.record({ basisPoints: fc.integer({ min: 10_001, max: 90_000 }) }),
    lines,
  ),
  made('points-bonus', fc.record({ points: fc.nat(9_000) }), lines),
);

const game: fc.Arbitrary<Reward> = fc.oneof(
  made(
    'stamps',
    fc.record({
      card: fc.constant('card'),
      by: fc.constantFrom('receipt', 'unit', 'amount'),
      stamps: fc.constant(2),
    }),
    lines,
  ),
  made(
    'challenge',
    fc.record({ challenge: fc.constant('c'), by: fc.constantFrom('unit', 'amount') }),
    lines,
  ),
  fc.constant<Reward>({ kind: 'coupon-grant', series: 'next' }),
);

const cap = fc.oneof(fc.record({ amount: money }), fc.record({ basisPoints }));
export const caps: fc.Arbitrary<Caps> = fc.record(
  { perLine: cap, perReceipt: cap, pointsPerReceipt: fc.nat(20_000) },
  { requiredKeys: [] },
);

const group = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ name: 'g1', rule: 'best' as const }) },
  { weight: 3, arbitrary: fc.constant({ name: 'g2', rule: 'first' as const }) },
  { weight: 3, arbitrary: fc.constant({ name: 'g3', rule: 'stack' as const }) },
  { weight: 1, arbitrary: fc.constant({ name: 'g4', rule: 'exclusive' as const }) },
);

export const campaignOf = (
  rewards: fc.Arbitrary<Reward[]>,
): fc.Arbitrary<Omit<Campaign, 'campaignId'>> =>
  fc.record(
    {
      version: fc.constant(1),
      name: fc.constant('A campaign'),
      priority: fc.nat(3),
      rewards,
      when: tree,
      caps,
      group,
    },
    { requiredKeys: ['version', 'name', 'priority', 'rewards'] },
  );

export const named = (given: readonly Omit<Campaign, 'campaignId'>[]): Campaign[] =>
  given.map((one, index) => ({ ...one, campaignId: `campaign_${index}` as CampaignId }));

export const campaigns: fc.Arbitrary<Campaign[]> = fc
  .array(
    campaignOf(
      fc.array(fc.oneof({ weight: 3, arbitrary: discount }, bonus, game), {
        minLength: 1,
        maxLength: 3,
      }),
    ),
    { maxLength: 6, size: 'max' },
  )
  .map(named);
