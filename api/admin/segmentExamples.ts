/** Examples of definitions for the documentation; a test sends each as it stands. */
import type { Example } from '../route.js';

const spenders = {
  kind: 'dynamic',
  when: {
    and: [
      { kind: 'spent', min: 50_000, days: 365 },
      {
        or: [
          { kind: 'purchases', min: 10, days: 365 },
          { kind: 'points', min: 100_000 },
        ],
      },
      { not: { kind: 'last-purchase', longerAgoThanDays: 60 } },
    ],
  },
} as const;
const sleepingGold = {
  kind: 'dynamic',
  when: {
    and: [
      { kind: 'tier', tiers: ['gold'] },
      { kind: 'last-purchase', longerAgoThanDays: 60 },
    ],
  },
} as const;
const rfm = { kind: 'analytic', by: 'rfm', days: 730 } as const;

export const definitionExamples: readonly Example[] = [
  {
    summary: 'A list that people keep',
    value: { segmentId: 'pilot', name: 'Pilot group', definition: { kind: 'static' } },
  },
  {
    summary: 'Who spends much and was here lately',
    value: { segmentId: 'bigSpenders', name: 'Big spenders', definition: spenders },
  },
  {
    summary: 'Gold customers who have not been here for two months',
    value: { segmentId: 'sleepingGold', name: 'Sleeping gold', definition: sleepingGold },
  },
  {
    summary: 'Recency, frequency, monetary value in fifths',
    value: { segmentId: 'rfm', name: 'RFM of two years', definition: rfm },
  },
];

export const redefinitionExample: Example = {
  summary: 'With bounds of your own',
  value: {
    name: 'RFM by our bounds',
    definition: {
      ...rfm,
      bounds: {
        recencyDays: [14, 30, 90, 180],
        frequency: [2, 4, 8, 16],
        monetary: [5_000, 20_000, 50_000, 100_000],
      },
    },
  },
};

export const previewExamples: readonly Example[] = [
  { summary: 'How many spend much?', value: { definition: spenders } },
  { summary: 'How large would the cells be?', value: { definition: rfm } },
];
