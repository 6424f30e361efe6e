/** What the routes of providers ask of the kinds themselves: to send one message now, and to judge a call of a provider to us. */
import type { ProviderRecord } from '../../commands/carriers.js';
import type { ReportedReceipt } from '../../commands/provider/receipts.js';
import type { Address } from '../../domain/message/address.js';
import type { ErrorClass } from '../../domain/message/kinds.js';

export interface TestContent {
  readonly subject?: string;
  readonly text: string;
  readonly html?: string;
  readonly link?: string;
}

export interface TestResult {
  readonly outcome: 'submitted' | 'refused';
  readonly clientReference: string;
  readonly providerReference?: string;
  readonly errorClass?: ErrorClass;
  readonly code?: string;
  readonly text?: string;
  readonly response?: string;
  readonly milliseconds: number;
}

export interface ProviderCall {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export type JudgedCall =
  | { readonly kind: 'receipts'; readonly receipts: readonly ReportedReceipt[] }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Proved, and no report that can be read. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** Its kind makes no calls. */
  | { readonly kind: 'none' };

export interface ProviderDesk {
  /** Opens the provider for this one message. Ends within the provider's time-out. */
  tryOut(record: ProviderRecord, to: Address, content: TestContent): Promise<TestResult>;
  judge(record: ProviderRecord, call: ProviderCall): Promise<JudgedCall>;
}
