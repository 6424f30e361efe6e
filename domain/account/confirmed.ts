/** A purchase as it was recorded. */
import type { EventOf } from '../event.js';
import type { PurchaseConfirmed } from './events.js';

export type ConfirmedPurchase = EventOf<typeof PurchaseConfirmed>['data'];

export interface RecordedPurchase {
  readonly data: ConfirmedPurchase;
  /** Milliseconds, business time. */
  readonly occurredAt: number;
}
