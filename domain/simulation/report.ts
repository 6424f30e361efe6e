/** What came of a simulation, in all and by merchant, tier, segment and day. Minor units, hundredths of points. */
import { Type, type Static } from '@sinclair/typebox';
import { CampaignId } from '../pricing/campaign.js';

const closed = { additionalProperties: false } as const;
const Count = Type.Integer({ minimum: 0 });
const Minor = Type.Integer({ description: 'Minor units' });
const Hundredths = Type.Integer({ description: 'Hundredths of a point' });

export const SimulatedFigures = Type.Object(
  {
    receipts: Count,
    touched: Type.Integer({ minimum: 0, description: 'Receipts on which the draft would apply' }),
    discount: Type.Integer({ description: 'What the draft would take off: its cost, minor units' }),
    points: Type.Integer({ description: 'What the draft would give, hundredths of a point' }),
    liability: Type.Integer({
      description: 'What those points would pay, rounded down for each receipt, minor units',
    }),
    discountChange: Type.Integer({
      description:
        'All discounts together, against what was recorded: less than the cost where the draft takes the place of another campaign',
    }),
    pointsChange: Type.Integer({ description: 'All points together, against what was recorded' }),
  },
  closed,
);
export type SimulatedFigures = Static<typeof SimulatedFigures>;

const Part = Type.Object({ key: Type.String(), ...SimulatedFigures.properties }, closed);
export type SimulatedPart = Static<typeof Part>;
const Parts = Type.Array(Part);

export const SimulationReport = Type.Object(
  {
    campaignId: CampaignId,
    version: Type.Integer({ minimum: 1 }),
    totals: SimulatedFigures,
    recorded: Type.Object(
      {
        total: Minor,
        discount: Minor,
        pointsEarned: Hundredths,
        pointsRedeemed: Hundredths,
      },
      { ...closed, description: 'What really happened' },
    ),
    effects: Type.Record(Type.String(), Count, {
      description: 'Gifts, stamps and the like, by kind: times that the draft would cause them',
    }),
    unpriced: Type.Record(Type.String(), Count, {
      description: 'Receipts that could not be priced, by the code of the reason',
    }),
    refused: Type.Record(Type.String(), Count, {
      description: 'Receipts that the draft had a chance with and did not apply to, by reason',
    }),
    byMerchant: Parts,
    byTier: Parts,
    bySegment: Type.Array(Part, { description: 'A customer counts in each of its segments' }),
    byDay: Type.Array(Part, { description: "Days are the merchant's own" }),
  },
  { ...closed, title: 'SimulationReport' },
);
export type SimulationReport = Static<typeof SimulationReport>;

/** Anonymous receipts, and customers without a tier. */
export const noTier = 'none';

export const noFigures = (): SimulatedFigures => ({
  receipts: 0,
  touched: 0,
  discount: 0,
  points: 0,
  liability: 0,
  discountChange: 0,
  pointsChange: 0,
});

/** Sums by key. */
export type Sums = Map<string, SimulatedFigures>;

/** Adds what one receipt came to. */
export const addTo = (sum: SimulatedFigures, one: SimulatedFigures): void => {
  sum.receipts += one.receipts;
  sum.touched += one.touched;
  sum.discount += one.discount;
  sum.points += one.points;
  sum.liability += one.liability;
  sum.discountChange += one.discountChange;
  sum.pointsChange += one.pointsChange;
};

export const addToKey = (sums: Sums, key: string, one: SimulatedFigures): void => {
  let sum = sums.get(key);
  if (!sum) sums.set(key, (sum = noFigures()));
  addTo(sum, one);
};

const byNumberOrText = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  Number(a) - Number(b) || (a < b ? -1 : a > b ? 1 : 0);

export const partsOf = (sums: Sums): SimulatedPart[] =>
  [...sums].sort(byNumberOrText).map(([key, figures]) => ({ key, ...figures }));
