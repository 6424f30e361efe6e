/** That something happened to a customer about which they may be told, and what there is to tell. */
import type { TenantId, UserId } from '../../../domain/ids.js';
import type { Trigger, TriggerKind } from '../../../domain/policy/policy.js';

export interface Occasion {
  readonly tenant: TenantId;
  readonly userId: UserId;
  /** The same for ever: one message of each policy comes of it. At most 64 characters. */
  readonly factId: string;
  /** All there is to tell; a template takes those that it declares. Points are hundredths. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Of the fact, where it is one of the log. */
  readonly causationId?: string;
  /** Of the fact, where it was traced. */
  readonly traceparent?: string;
}

export type TriggerOf<Kind extends TriggerKind> = Extract<Trigger, { readonly kind: Kind }>;
