/**
 * What auditors ask of the log: one stream, or everything that matches, newest first.
 *
 * The interface belongs to its consumer; platform/eventstore/history.ts implements it over the official client. Both questions are
 * bounded: a search looks at so many facts and so long, then answers with a cursor to go on from, however little it found.
 */
import type { Actor, Fact, Position } from '../../domain/fact.js';
import type { TenantId } from '../../domain/ids.js';

export type Direction = 'forwards' | 'backwards';

export interface StreamPage {
  readonly facts: readonly Fact[];
  /** The revision to go on from, null at the end. */
  readonly next: number | null;
}

export interface HistoryFilter {
  /** Only facts of this tenant are ever answered. */
  readonly tenant: TenantId;
  readonly types?: ReadonlySet<string>;
  readonly actor?: { readonly kind?: Actor['kind']; readonly id?: string };
  readonly correlationId?: string;
  /** When the log took it, milliseconds since the epoch, both inclusive. */
  readonly since?: number;
  readonly until?: number;
}

export interface SearchPage {
  /** Newest first. */
  readonly facts: readonly Fact[];
  /** Go on before this position; null when the beginning of the log, or `since`, was reached. */
  readonly next: Position | null;
  /** Facts looked at. */
  readonly scanned: number;
}

export interface History {
  /** Facts of a stream from a revision on, inclusive (null: from its beginning, or its end backwards). None where there is no such stream. */
  stream(
    name: string,
    options: {
      readonly direction: Direction;
      readonly from: number | null;
      readonly limit: number;
    },
  ): Promise<StreamPage>;
  /** Facts before a position, exclusive (null: from the head), until `limit` are found. */
  search(
    filter: HistoryFilter,
    options: { readonly before: Position | null; readonly limit: number },
  ): Promise<SearchPage>;
}

export const matches = (fact: Fact, filter: HistoryFilter): boolean => {
  const { metadata, recordedAt } = fact;
  const { tenant, types, actor, correlationId, since, until } = filter;
  return (
    metadata.tenant === tenant &&
    (types === undefined || types.has(fact.type)) &&
    (actor === undefined ||
      ((actor.kind === undefined || metadata.actor.kind === actor.kind) &&
        (actor.id === undefined || metadata.actor.id === actor.id))) &&
    (correlationId === undefined || metadata.correlationId === correlationId) &&
    (since === undefined || recordedAt >= since) &&
    (until === undefined || recordedAt <= until)
  );
};
