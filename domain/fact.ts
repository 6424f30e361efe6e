/**
 * A fact: an event as the log holds it, with the circumstances under which it was recorded.
 *
 * `occurredAt` is business time (an offline receipt of yesterday says yesterday), `recordedAt` is when the log took it.
 */
import type { TenantId } from './ids.js';

/** A place in the log's global order: what read models and callers wait on. Written as a decimal string in JSON. */
export type Position = bigint;

export type ActorKind = 'till' | 'app' | 'operator' | 'partner' | 'worker' | 'system';
export interface Actor {
  readonly kind: ActorKind;
  readonly id: string;
}

export interface Metadata {
  readonly tenant: TenantId;
  readonly actor: Actor;
  readonly correlationId: string;
  readonly causationId: string;
  readonly commandId: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly occurredAt: string;
  readonly schemaVersion: number;
  /** A digest of the command's body: tells a repeated command from another one under the same key. */
  readonly fingerprint: string;
  /** Of what recorded it, as W3C Trace Context has it; only where that was traced. */
  readonly traceparent?: string;
}

/** On its way into the log. */
export interface NewFact {
  /** uuid v5 of the command id and the event's index, so that a repeated append is the same append. */
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: Metadata;
}

/** In the log. */
export interface Fact<Data = unknown> {
  readonly id: string;
  readonly type: string;
  readonly data: Data;
  readonly metadata: Metadata;
  readonly stream: string;
  /** Place in its stream, from 0. */
  readonly revision: number;
  readonly position: Position;
  /** Milliseconds since the epoch, the log's clock. */
  readonly recordedAt: number;
}
