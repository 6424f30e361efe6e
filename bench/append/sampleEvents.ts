/** Events of the sizes that Kopilka stores, for measuring the log without the rest. */
import type { RawEvent } from './append.process.js';

const metadata = JSON.stringify({
  tenant: 'demo',
  actor: { kind: 'till', id: 'till0123456789ab' },
  $correlationId: '4f9a2a52-3c0c-4f0e-9b53-0d7a7c3f9c11',
  $causationId: '4f9a2a52-3c0c-4f0e-9b53-0d7a7c3f9c11',
  commandId: '0c5a4a6e-2f7b-5d0e-8a53-9d1f6b2c7e40',
  occurredAt: '2024-05-04T10:11:12.345Z',
  schemaVersion: 1,
  fingerprint: 'Zm9ydHktdGhyZWUgY2hhcmFjdGVycyBvZiBhIGRpZ2U',
});

const line = (position: number) => ({
  position,
  productId: `SKU0000${position}`,
  quantity: 2_000,
  price: 1_250,
  amount: 2_500,
  paidByPoints: 0,
  pointsRedeemed: 0,
  pointsEarned: 2_500,
});

/** A confirmed purchase of five lines and the points it earned. */
export const storedPurchase: readonly RawEvent[] = [
  {
    type: 'RawPurchaseStored',
    metadata,
    data: {
      merchantId: 1,
      pointOfSaleId: 1,
      tillId: 'till0123456789ab',
      currency: 'GBP',
      lines: [1, 2, 3, 4, 5].map(line),
      total: 12_500,
      offline: false,
      ruleVersion: 1,
      paidByPoints: 0,
      pointsRedeemed: 0,
      pointsEarned: 12_500,
      deficitRepaid: 0,
      why: [
        { code: 'earned-by-amount', figures: { paid: 12_500, points: 12_500, ruleVersion: 1 } },
      ],
      balance: { active: 12_500, pending: 0, deficit: 0 },
    },
  },
  {
    type: 'RawPoints',
    metadata,
    data: {
      lotId: 'append-64-0:123456',
      merchantId: 1,
      points: 12_500,
      repaid: 0,
      earnedAt: 1_714_817_472_345,
      activatesAt: 1_714_817_472_345,
      expiresAt: 1_746_353_472_345,
      clawback: 'withinBalance',
    },
  },
];

/** Data and metadata together 300 bytes. */
export const smallEvent: RawEvent = {
  type: 'RawSmall',
  metadata: JSON.stringify({ tenant: 'demo', commandId: '0c5a4a6e-2f7b-5d0e-8a53-9d1f6b2c7e40' }),
  data: { text: 'x'.repeat(180) },
};
