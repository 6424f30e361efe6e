/**
 * Receipts on their way from a provider's call to the journal: taken down durably before the provider is told that they were taken, or it
 * would not tell them again.
 */
import type { ProviderId, TenantId } from '../../domain/ids.js';
import type { ErrorClass } from '../../domain/message/kinds.js';

/** As workers/outreach/providers/port.ts has it. */
export interface ReportedReceipt {
  readonly clientReference?: string;
  readonly providerReference?: string;
  readonly status:
    'delayed' | 'deliveredToOperator' | 'delivered' | 'undelivered' | 'seen' | 'read' | 'clicked';
  readonly cause?: 'bounce' | 'complaint';
  readonly errorClass?: ErrorClass;
  readonly code?: string;
  readonly text?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Resolves when they are in the log, also where nobody knows what they are about. Repeats are the same. */
export type TakeReceipts = (
  tenant: TenantId,
  providerId: ProviderId,
  receipts: readonly ReportedReceipt[],
) => Promise<void>;
