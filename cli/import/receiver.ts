/**
 * Where the items of an import go: the port that run.ts sends to, implemented over the POS API by posReceiver.ts.
 */
import type { PurchaseItem, ReturnItem } from './plan.js';

/** What the other side decided against: final, a repeat would be refused again. */
export interface Refused {
  /** For people. */
  readonly refused: string;
  readonly code: string;
}
export interface Accepted {
  /** In the log; null where nothing was recorded. */
  readonly position: bigint | null;
}
export type Receipt = Accepted | Refused;

/**
 * Every call may be repeated: the same item is carried out once. Each throws where no answer was to be had, which ends the import.
 */
export interface Receiver {
  enrol(customer: string): Promise<Receipt>;
  list(productId: string, name: string): Promise<Receipt>;
  purchase(item: PurchaseItem): Promise<Receipt>;
  giveBack(item: ReturnItem): Promise<Receipt>;
}

export const isRefused = (receipt: Receipt): receipt is Refused => 'refused' in receipt;
