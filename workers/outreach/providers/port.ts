/**
 * What somebody who carries messages looks like from here: a kind is one folder with the schema of its settings, its table of errors and a
 * connection; nothing outside the folder knows it. A call never throws for what one message is at fault of, and never sends again by
 * itself: who may be called again, and when, is decided by routing from the class of the error.
 */
import type { Socket } from 'node:net';
import type { TSchema } from '@sinclair/typebox';
import type { MessageId, ProviderId, TenantId } from '../../../domain/ids.js';
import type { Address } from '../../../domain/message/address.js';
import type { Channel, ErrorClass, MessageClass } from '../../../domain/message/kinds.js';

export interface Content {
  readonly subject?: string;
  readonly text: string;
  readonly html?: string;
  /** For a notification: where a tap leads. */
  readonly link?: string;
  /** Where consent is taken back by one POST (RFC 8058); of what recipients may object to. */
  readonly unsubscribe?: string;
}

export interface Outgoing {
  readonly messageId: MessageId;
  readonly attempt: number;
  readonly class: MessageClass;
  /** Unique for ever: the provider is given it where it takes one. */
  readonly clientReference: string;
  readonly to: Address;
  readonly content: Content;
  /** Milliseconds since the epoch: afterwards it is worth nothing. */
  readonly expiresAt: number;
  readonly traceparent?: string;
}

export type SendResult =
  | {
      readonly outcome: 'submitted';
      readonly providerReference?: string;
      readonly response?: string;
    }
  | {
      readonly outcome: 'refused';
      readonly errorClass: ErrorClass;
      /** The provider's. */
      readonly code: string;
      readonly text: string;
      /** From now; of `throttled` and `transient`. */
      readonly retryAfterMs?: number;
      readonly response?: string;
    };

export interface Receipt {
  /** One of the two; the client reference where the provider repeats it. */
  readonly clientReference?: string;
  readonly providerReference?: string;
  readonly status:
    'delayed' | 'deliveredToOperator' | 'delivered' | 'undelivered' | 'seen' | 'read' | 'clicked';
  /** What brought it: a letter that came back, a recipient who objected. */
  readonly cause?: 'bounce' | 'complaint';
  readonly errorClass?: ErrorClass;
  readonly code?: string;
  readonly text?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What became of a call that nothing came back of; `unknown` where the provider cannot tell either, or cannot be asked at all. */
export type Reconciled =
  | SendResult
  | { readonly outcome: 'never-arrived' }
  | { readonly outcome: 'unknown'; readonly cannotBeAsked?: true };

export interface Provider {
  /** At most `batchMax` of its kind; a result for each, in order. Ends by the deadline with `unknownOutcome` for what was written. */
  send(messages: readonly Outgoing[], deadline: AbortSignal): Promise<readonly SendResult[]>;
  reconcile?(clientReference: string, deadline: AbortSignal): Promise<Reconciled>;
  /** Twice is safe. */
  close(): Promise<void>;
}

/** A call of the provider to us, as it came. */
export interface Callback {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}
export type CallbackResult =
  | { readonly kind: 'receipts'; readonly receipts: readonly Receipt[] }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Proved, and no report that can be read; `reason` is told to whoever called. */
  | { readonly kind: 'unreadable'; readonly reason: string };

export interface ProviderOptions<Settings, Secrets> {
  readonly tenant: TenantId;
  readonly providerId: ProviderId;
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly now: () => number;
  /** What the provider tells on a connection of its own. Where a promise comes back, the provider is told that they were taken once it is kept. */
  readonly onReceipts: (receipts: readonly Receipt[]) => void | Promise<void>;
  readonly onTrouble: (error: unknown) => void;
  /** The only way to speak HTTP. */
  readonly http: ProviderHttp;
  /** The only way to anything else. */
  readonly dial: ProviderDial;
}

/**
 * A connected TCP socket to an address that was judged for this connection; TLS is spoken over it by the kind. Rejects with an Error
 * that has a `code` (ADDRESS_REFUSED, ECONNREFUSED …): nothing was written then.
 */
export type ProviderDial = (target: {
  readonly host: string;
  readonly port: number;
  readonly deadline: AbortSignal;
}) => Promise<Socket>;

/** The guarded client, as a provider sees it. */
export type ProviderHttp = (request: {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly deadline: AbortSignal;
}) => Promise<ProviderHttpAnswer>;

export type ProviderHttpAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** Its first MB. */
      readonly body: string;
    }
  /** `written`: whether the request may have arrived. */
  | {
      readonly kind: 'failed';
      readonly written: boolean;
      readonly code: string;
      readonly text: string;
    };

export interface ProviderKind<Settings = unknown, Secrets = unknown> {
  readonly kind: string;
  readonly title: string;
  /** One sentence for the console. */
  readonly summary: string;
  /** Of which the registration names one. */
  readonly channels: readonly Channel[];
  readonly settings: TSchema;
  /** Sealed where they are kept, shown to nobody. */
  readonly secrets: TSchema;
  /** Settings that say where secrets are sent, and how well they are covered: with another of these, secrets are asked for anew. */
  readonly leadsTo?: readonly string[];
  /** What no schema can say is wrong with them, in sentences that tell no secret. */
  readonly faults?: (settings: Settings, secrets: Secrets) => readonly string[];
  /** Messages in one call. */
  readonly batchMax: (settings: Settings) => number;
  /** How receipts can come at all. */
  readonly receipts: 'none' | 'connection' | 'callback' | 'both';
  /** Whether it can be asked what became of a call that nothing came back of, with settings that say how; left out: it cannot. */
  readonly reconciles?: boolean;
  /** Whether any can be expected with these settings; left out: with all, where they can come. What waits for one in vain is never over. */
  readonly expectsReceipts?: (settings: Settings, hasSecrets: boolean) => boolean;
  /** Of one that reports only what did not arrive: after so long without a word a message counts as delivered. */
  readonly silenceSeconds?: (settings: Settings) => number | undefined;
  readonly open: (options: ProviderOptions<Settings, Secrets>) => Provider;
  /** Judges and reads a call of the provider; undefined: it makes none. */
  readonly callback?: (
    callback: Callback,
    options: {
      readonly tenant: TenantId;
      readonly providerId: ProviderId;
      readonly settings: Settings;
      readonly secrets: Secrets;
      readonly now: number;
    },
  ) => CallbackResult;
}
