/**
 * What the read side asks of the log: facts in global order from a place on, filtered at the server.
 *
 * The interface belongs to its consumers; platform/eventstore implements it over the official client.
 */
import type { Fact, Position } from '../domain/fact.js';

export interface FeedFilter {
  /** Exact event types; none means every type. */
  readonly eventTypes?: readonly string[];
  readonly streamPrefixes?: readonly string[];
}

export type FeedItem =
  | { readonly kind: 'fact'; readonly fact: Fact }
  /** Nothing that the filter lets through lies between the last item and this position. */
  | { readonly kind: 'checkpoint'; readonly position: Position }
  | { readonly kind: 'caughtUp' };

export interface Feed {
  /**
   * Facts after `from` (exclusive; null: from the beginning), then live ones. Reconnects by itself with back-off from the last
   * item handed out; ends when `signal` aborts.
   */
  subscribe(options: {
    readonly from: Position | null;
    readonly filter: FeedFilter;
    readonly signal: AbortSignal;
  }): AsyncIterable<FeedItem>;
  /** Position of the last event in the log, null when there is none. */
  head(): Promise<Position | null>;
}
