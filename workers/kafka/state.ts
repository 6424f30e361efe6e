/**
 * How relays and bindings are doing, told to whoever asks from any process: kept in memory by the process that does the work and
 * written down once a second where it changed, so that a broken one says why while it is broken.
 */
import type { TenantId } from '../../domain/ids.js';
import { pause } from '../../projections/pause.js';
import { KafkaTrouble } from './port.js';

export type LinkKind = 'relay' | 'binding';

export interface LinkError {
  readonly reason: string;
  readonly message: string;
  readonly next: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface LinkState {
  /** Facts of a topic, or messages of a Kafka topic, that are still to be taken on; null where it cannot be counted. */
  readonly behind: number | null;
  /** How long the oldest of them has been waiting, milliseconds. */
  readonly lagMs: number;
  /** Of a relay: the last place that Kafka acknowledged. */
  readonly place?: number | null;
  /** Of a binding: by partition, the last offset that was taken in, and how many messages are behind it. */
  readonly partitions?: Readonly<
    Record<string, { readonly offset: string; readonly behind: number }>
  >;
  /** Null since it last went on. */
  readonly error: LinkError | null;
}

export const noState: LinkState = { behind: null, lagMs: 0, error: null };

export interface LinkStates {
  save(kind: LinkKind, tenant: TenantId, id: string, state: LinkState): Promise<void>;
}

/** @param at milliseconds since the epoch. */
export const linkErrorOf = (error: unknown, at: number): LinkError => {
  const message = error instanceof Error ? error.message : String(error);
  const about = error as { readonly code?: unknown; readonly next?: unknown };
  const reason = error instanceof KafkaTrouble ? error.reason : String(about.code ?? 'failed');
  const next = typeof about.next === 'string' ? about.next : 'It is tried again; see the log.';
  return { reason, message: message.slice(0, 500), next, at };
};

export interface Reporter {
  /** What changed of it. */
  tell(kind: LinkKind, tenant: TenantId, id: string, change: Partial<LinkState>): void;
  state(kind: LinkKind, tenant: TenantId, id: string): LinkState;
  forget(kind: LinkKind, tenant: TenantId, id: string): void;
  /** Until the signal aborts; then once more. */
  run(signal: AbortSignal): Promise<void>;
}

const everyMs = 1_000;

export const createReporter = (options: {
  readonly states: LinkStates;
  readonly onFailed: (error: unknown) => void;
}): Reporter => {
  const { states, onFailed } = options;
  interface Entry {
    readonly kind: LinkKind;
    readonly tenant: TenantId;
    readonly id: string;
    state: LinkState;
    written: string;
  }
  const entries = new Map<string, Entry>();
  const keyOf = (kind: LinkKind, tenant: TenantId, id: string) => `${kind} ${tenant}.${id}`;

  const write = async (): Promise<void> => {
    for (const entry of entries.values()) {
      const text = JSON.stringify(entry.state);
      if (text === entry.written) continue;
      await states.save(entry.kind, entry.tenant, entry.id, entry.state);
      entry.written = text;
    }
  };

  return {
    tell: (kind, tenant, id, change) => {
      const key = keyOf(kind, tenant, id);
      const entry = entries.get(key);
      if (entry) entry.state = { ...entry.state, ...change };
      else entries.set(key, { kind, tenant, id, state: { ...noState, ...change }, written: '' });
    },
    state: (kind, tenant, id) => entries.get(keyOf(kind, tenant, id))?.state ?? noState,
    forget: (kind, tenant, id) => void entries.delete(keyOf(kind, tenant, id)),
    run: async (signal) => {
      while (!signal.aborted) {
        await pause(everyMs, signal);
        await write().catch(onFailed);
      }
    },
  };
};
