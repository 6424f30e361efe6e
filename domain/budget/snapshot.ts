/**
 * A budget as JSON and back, so that a long stream is not read from its beginning. A snapshot of another `schemaVersion` is never
 * read: raise it with every change of shape, the events are still there.
 */
import type { MerchantId } from '../ids.js';
import type { Given, Sums } from './charge.js';
import { type Budget, receiptKey, type Reservation } from './state.js';

export const snapshotSchemaVersion = 1;

interface SumsKept {
  readonly all: Given;
  readonly byMerchant: readonly (readonly [MerchantId, Given])[];
}

interface BudgetSnapshot {
  readonly ever: SumsKept;
  readonly days: readonly (readonly [string, SumsKept])[];
  readonly forgotten: string | null;
  readonly open: readonly Reservation[];
  readonly answered: string;
}

const keep = ({ all, byMerchant }: Sums): SumsKept => ({ all, byMerchant: [...byMerchant] });
const given = ({ all, byMerchant }: SumsKept): Sums => ({ all, byMerchant: new Map(byMerchant) });

/** Shares nothing that later events change. */
export const toSnapshot = ({ charged, open, answered }: Budget): BudgetSnapshot => ({
  ever: keep(charged.ever),
  days: [...charged.days].map(([day, sums]) => [day, keep(sums)] as const),
  forgotten: charged.forgotten,
  open: [...open.values()],
  answered: String(answered),
});

/** `json` is what `toSnapshot` of the same schema version gave. */
export const fromSnapshot = (json: unknown): Budget => {
  const kept = json as BudgetSnapshot;
  return {
    charged: {
      ever: given(kept.ever),
      days: new Map(kept.days.map(([day, sums]) => [day, given(sums)])),
      forgotten: kept.forgotten,
    },
    open: new Map(kept.open.map((reservation) => [receiptKey(reservation), reservation])),
    answered: BigInt(kept.answered),
  };
};
