/** What commands ask about the kinds of providers that this installation has; workers/outreach/providers is where they are. */
import type { TSchema } from '@sinclair/typebox';
import type { Channel } from '../../domain/message/kinds.js';

export interface ProviderKindShown {
  readonly kind: string;
  readonly title: string;
  readonly summary: string;
  readonly channels: readonly Channel[];
  readonly settings: TSchema;
  readonly secrets: TSchema;
  /** Settings that say where secrets are sent, and how well they are covered: with another of these, secrets are asked for anew. */
  readonly leadsTo?: readonly string[];
  /** What no schema can say is wrong with them. */
  readonly faults?: (settings: unknown, secrets: unknown) => readonly string[];
  /** Left out: it cannot be asked what became of a call that nothing came back of. */
  readonly reconciles?: boolean;
  readonly receipts: 'none' | 'connection' | 'callback' | 'both';
}

export type ProviderKinds = readonly ProviderKindShown[];
