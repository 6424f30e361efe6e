/** What is told of the work: for metrics and logs. Never whom a message goes to. */
import type { ProviderId, TenantId } from '../../domain/ids.js';
import type { Channel, MessageClass } from '../../domain/message/kinds.js';

/** One call of a provider. */
export interface CallRecord {
  readonly tenant: TenantId;
  readonly providerId: ProviderId;
  readonly channel: Channel;
  readonly class: MessageClass;
  readonly messages: number;
  readonly ms: number;
  /** How many of each. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Of the last one that failed. */
  readonly code: string | null;
  readonly isProbe: boolean;
}

export interface OutreachMeasures {
  call(record: CallRecord): void;
  attempted(
    labels: {
      readonly provider: string;
      readonly channel: string;
      readonly outcome: string;
    },
    count: number,
  ): void;
  ended(
    labels: { readonly channel: string; readonly class: string; readonly status: string },
    count: number,
  ): void;
  /** From when it could be sent to the call of the provider. */
  queued(of: MessageClass, ms: number): void;
  /** From acceptance to the end. */
  delivered(of: MessageClass, ms: number): void;
  failedOver(labels: { readonly from: string; readonly to: string; readonly reason: string }): void;
  suppressed(reason: string): void;
  expired(of: MessageClass): void;
  /** Millionths of the currency's unit. */
  cost(provider: string, currency: string, micros: number): void;
  receipt(provider: string, status: string): void;
  orphan(provider: string): void;
}
