/** Campaigns that can be sent as they are; the guide and the tests use them too. */
import type { Example } from '../route.js';

const dairyWeek = {
  name: 'Dairy week',
  priority: 100,
  valid: { from: '2026-03-02T00:00:00Z', until: '2026-03-09T00:00:00Z' },
  when: {
    and: [{ kind: 'known-customer' }, { kind: 'receipt-total', min: 1_000 }],
  },
  rewards: [
    {
      kind: 'percent',
      basisPoints: 1_000,
      lines: { kind: 'category', categories: ['dairy'] },
    },
  ],
  caps: { perReceipt: { amount: 500 } },
  limits: {
    perCustomer: { uses: 1, per: 'day' },
    budgets: [
      { of: 'amount', most: 1_000_000 },
      { of: 'amount', most: 20_000, per: 'day', eachMerchant: true },
    ],
  },
  texts: { cashier: 'Dairy week: 10 % off', slip: 'Dairy week' },
};
const thirdFree = {
  name: 'Three for two',
  priority: 50,
  group: { name: 'multibuy', rule: 'best' },
  rewards: [{ kind: 'cheapest-free', every: 3, lines: { kind: 'category', categories: ['mugs'] } }],
};
const doublePoints = {
  name: 'Double points at the weekend',
  priority: 200,
  when: { kind: 'weekday', days: ['sat', 'sun'] },
  rewards: [{ kind: 'points-multiplier', basisPoints: 20_000 }],
  pointsTerms: { lifetimeDays: 90 },
};

export const contentExamples = { dairyWeek, thirdFree, doublePoints } as const;

export const draftExamples: readonly Example[] = [
  {
    summary: 'Ten percent off dairy for a week, with a budget',
    value: { campaignId: 'dairy_week', campaign: dairyWeek },
  },
  {
    summary: 'The cheapest of every three is free',
    value: { campaignId: 'three_for_two', campaign: thirdFree },
  },
  {
    summary: 'Double points on Saturdays and Sundays',
    value: { campaignId: 'weekend_points', campaign: doublePoints },
  },
];
