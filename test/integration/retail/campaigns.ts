/**
 * Three campaigns over the receipts of Online Retail: a percentage by category, every third of the home goods free, and more
 * points for a segment. The first two lie on the same lines, the third counts on what both left to pay.
 */

/** Off the line, rounded half up. Over before the file ends. */
export const kitchen = {
  campaignId: 'kitchen_days',
  basisPoints: 750,
  category: 'home/kitchen',
  from: '2010-12-01T00:00:00.000Z',
  until: '2011-12-01T00:00:00.000Z',
} as const;

/** Begins in the course of the file's first day. */
export const thirdFree = {
  campaignId: 'third_free',
  every: 3,
  category: 'home',
  from: '2010-12-01T10:00:00.000Z',
} as const;

export const morePoints = {
  campaignId: 'more_points',
  segment: 'regulars',
  basisPoints: 12_500,
} as const;

export interface Planned {
  readonly campaignId: string;
  readonly from: string;
  readonly until: string | null;
  readonly campaign: object;
}

export const campaigns: readonly Planned[] = [
  {
    ...{ campaignId: kitchen.campaignId, from: kitchen.from, until: kitchen.until },
    campaign: {
      ...{ name: 'Kitchen days', priority: 10 },
      rewards: [
        {
          ...{ kind: 'percent', basisPoints: kitchen.basisPoints },
          lines: { kind: 'category', categories: [kitchen.category] },
        },
      ],
    },
  },
  {
    ...{ campaignId: thirdFree.campaignId, from: thirdFree.from, until: null },
    campaign: {
      ...{ name: 'Buy three, the cheapest is free', priority: 20 },
      rewards: [
        {
          ...{ kind: 'cheapest-free', every: thirdFree.every },
          lines: { kind: 'category', categories: [thirdFree.category] },
        },
      ],
    },
  },
  {
    ...{ campaignId: morePoints.campaignId, from: kitchen.from, until: null },
    campaign: {
      ...{ name: 'A quarter more points for regulars', priority: 30 },
      when: { kind: 'segment', segments: [morePoints.segment] },
      rewards: [{ kind: 'points-multiplier', basisPoints: morePoints.basisPoints }],
    },
  },
];

/** The file has no categories: they are told by what a product is called. */
const byWord: readonly (readonly [RegExp, string])[] = [
  [/\b(MUG|CUP|TEA|TEAPOT|COFFEE|PLATE|BOWL|CAKE|CAKESTAND|JAR|LUNCH)\b/, 'home/kitchen'],
  [/\b(HEART|SIGN|FRAME|CLOCK|LIGHT|LANTERN|CANDLES?|HOLDER|CUSHION|HOME)\b/, 'home/decor'],
  [/\bBAG\b/, 'bags'],
  [/\b(CARDS?|PAPER|WRAP|NOTEBOOK|TISSUES)\b/, 'paper'],
];

export const categoryOf = (name: string): string | null =>
  byWord.find(([word]) => word.test(name.toUpperCase()))?.[1] ?? null;

/** Whoever the shop calls a regular: a list, since the file says nothing of it. */
export const isRegular = (customer: string): boolean => Number(customer) % 3 === 0;
