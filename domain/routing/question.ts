/** What the choice of a provider is asked: everything it depends on comes in, so that it can be asked again. */
import type { EventOf } from '../event.js';
import type { ProviderId } from '../ids.js';
import type { Channel, ErrorClass } from '../message/kinds.js';
import type { ProviderRegistered } from '../provider/events.js';
import type { Health } from './health.js';
import type { Routed } from './match.js';
import type { RoutingRules } from './rules.js';

export type Cost = NonNullable<EventOf<typeof ProviderRegistered>['data']['cost']>;

export interface RoutableProvider {
  readonly providerId: ProviderId;
  readonly channel: Channel;
  readonly status: 'active' | 'disabled';
  readonly cost?: Cost;
}

/** An attempt before this one, of the same step. Null: it was taken, or nothing is known of it yet. */
export interface Tried {
  readonly providerId: ProviderId;
  readonly errorClass: ErrorClass | null;
  /** When it was answered, milliseconds since the epoch; left out: just now. */
  readonly at?: number;
}

export interface RouteQuestion extends Routed {
  readonly rules: RoutingRules;
  /** All of the programme. */
  readonly providers: Iterable<RoutableProvider>;
  /** Left out: healthy. */
  readonly health: ReadonlyMap<ProviderId, Health>;
  /** Room in the pace of providers now; left out: as much as is wanted. */
  readonly tokens?: ReadonlyMap<ProviderId, number>;
  /** Tokens that it takes: segments of an SMS. */
  readonly needs?: number;
  /** The step names it; no other will do. */
  readonly pinned?: ProviderId;
  /** Those that cannot be opened as they are registered. */
  readonly unusable?: ReadonlySet<ProviderId>;
  readonly tried: readonly Tried[];
  /** From 0 up to, not with, 1. */
  readonly random: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}
