/**
 * RFM: every customer who bought gets a score of 1 to 5 for how lately, how often and for how much, and the three make a cell.
 *
 * Scores are by bounds alone, never by rank, so equal customers are in the same cell and one pass over the customers fills it. The
 * bounds are the fifths of the tenant's own customers, or fixed ones. Pure: figures in, bounds and cells out.
 */
import { Type, type Static } from '@sinclair/typebox';
import { daysArgument } from './arguments.js';
import { dayMs } from './figures.js';
import { RfmGroup, usualGroups } from './rfmGroups.js';

const closed = { additionalProperties: false } as const;
const four = (item: Parameters<typeof Type.Array>[0], description: string) =>
  Type.Array(item, { minItems: 4, maxItems: 4, uniqueItems: true, description });
const Days = Type.Integer({ minimum: 1, maximum: 36_500 });
const Count = Type.Integer({ minimum: 1, maximum: 1_000_000 });
const Money = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 });

/** Four rising bounds each, between the scores 1 to 5. */
export const FixedBounds = Type.Object(
  {
    recencyDays: four(
      Days,
      'Days since the last purchase: up to the first is 5, beyond the last 1',
    ),
    frequency: four(Count, 'Purchases: from the first on 2, from the last on 5'),
    monetary: four(Money, 'Minor units spent: from the first on 2, from the last on 5'),
  },
  closed,
);

export const Rfm = Type.Object(
  {
    kind: Type.Literal('analytic'),
    by: Type.Literal('rfm'),
    ...daysArgument,
    bounds: Type.Optional(
      Type.Union([Type.Literal('quintiles'), FixedBounds], {
        description: "quintiles (the default): fifths of the programme's customers who bought",
      }),
    ),
    groups: Type.Optional(
      Type.Array(RfmGroup, {
        maxItems: 50,
        description: 'Named groups of cells, the first that fits; left out: the usual eight',
      }),
    ),
  },
  { ...closed, title: 'RfmDefinition' },
);
export interface Rfm extends Static<typeof Rfm> {
  readonly bounds?: 'quintiles' | Bounds;
}
interface Bounds {
  readonly recencyDays: number[];
  readonly frequency: number[];
  readonly monetary: number[];
}

/** Of a customer with at least one counted purchase in the window. */
export interface RfmFigures {
  readonly lastPurchaseAt: number;
  readonly purchases: number;
  /** Minor units, less what came back. */
  readonly net: number;
}

/** A score is one more than the number of bounds that the value is beyond: above them, or at them and above. */
export interface Scale {
  readonly beyond: 'above' | 'from';
  /** Four, not falling. */
  readonly bounds: readonly number[];
}
export interface RfmScales {
  readonly recency: Scale;
  readonly frequency: Scale;
  readonly monetary: Scale;
}

export const fifths = [0.2, 0.4, 0.6, 0.8] as const;

/** As percentile_disc has it: the first value that at least this share of all does not exceed. */
export const quintileScale = (values: readonly number[]): Scale => {
  const sorted = [...values].sort((a, b) => a - b);
  const bounds = fifths.map((share) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { beyond: 'above', bounds };
};

const fixedScale = (bounds: readonly number[]): Scale => ({ beyond: 'from', bounds });

/** Null where the bounds are to be found in the figures. */
export const fixedScales = ({ bounds }: Rfm, asOf: number): RfmScales | null =>
  bounds === undefined || bounds === 'quintiles'
    ? null
    : {
        // Up to so many days ago is from that time on.
        recency: fixedScale(bounds.recencyDays.map((days) => asOf - days * dayMs).reverse()),
        frequency: fixedScale(bounds.frequency),
        monetary: fixedScale(bounds.monetary),
      };

export const scalesOf = (rfm: Rfm, all: readonly RfmFigures[], asOf: number): RfmScales =>
  fixedScales(rfm, asOf) ?? {
    recency: quintileScale(all.map(({ lastPurchaseAt }) => lastPurchaseAt)),
    frequency: quintileScale(all.map(({ purchases }) => purchases)),
    monetary: quintileScale(all.map(({ net }) => net)),
  };

export const scoreOf = (value: number, { beyond, bounds }: Scale): number =>
  1 + bounds.filter((bound) => (beyond === 'above' ? value > bound : value >= bound)).length;

/** `5_4_1`: recency, frequency, monetary; 5 is best. */
export const cellOf = (figures: RfmFigures, scales: RfmScales): string =>
  [
    scoreOf(figures.lastPurchaseAt, scales.recency),
    scoreOf(figures.purchases, scales.frequency),
    scoreOf(figures.net, scales.monetary),
  ].join('_');

/** The first group that the cell fits, null where none does. */
export const groupOf = (cell: string, groups: readonly RfmGroup[] = usualGroups): string | null => {
  const [recency = 0, frequency = 0, monetary = 0] = cell.split('_').map(Number);
  const fits = (score: number, [least, most]: readonly number[] = [1, 5]) =>
    score >= (least ?? 1) && score <= (most ?? 5);
  return (
    groups.find(
      (group) =>
        fits(recency, group.recency) &&
        fits(frequency, group.frequency) &&
        fits(monetary, group.monetary),
    )?.name ?? null
  );
};
