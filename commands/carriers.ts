/**
 * Who carries messages in every programme, and by which rules one of them is chosen. A part of the directory, and the same folds that
 * decisions are made on, so that nothing is sent under a state that nobody decided on.
 */
import type { Recorded } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import type { ProviderId, TenantId } from '../domain/ids.js';
import {
  type ProviderEvent,
  providerEvents,
  type ProviderTerms,
} from '../domain/provider/events.js';
import { type Provider, provider, type RegisteredProvider } from '../domain/provider/provider.js';
import {
  noRouting,
  type RoutingEvent,
  routingEvents,
  type RoutingRules,
} from '../domain/routing/rules.js';
import { parseStreamName } from '../domain/stream.js';
import type { DirectoryPart } from './directoryPart.js';
import { createShelves } from './shelves.js';

/** Its terms with every change, and how it stands. Times are in milliseconds since the epoch. */
export type ProviderRecord = ProviderTerms &
  Omit<RegisteredProvider, 'terms'> & { readonly tenant: TenantId };

export interface Carriers extends DirectoryPart {
  provider(tenant: TenantId, id: ProviderId): ProviderRecord | undefined;
  providers(tenant: TenantId): Iterable<ProviderRecord>;
  /** Of every tenant. */
  all(): Iterable<ProviderRecord>;
  routing(tenant: TenantId): RoutingRules;
}

export const providerRecordOf = (
  tenant: TenantId,
  { terms, ...rest }: RegisteredProvider,
): ProviderRecord => ({ ...terms, ...rest, tenant });

interface Shelf {
  readonly states: Map<ProviderId, Provider>;
  readonly records: Map<ProviderId, ProviderRecord>;
  routing: RoutingRules;
}
const newShelf = (): Shelf => ({ states: new Map(), records: new Map(), routing: noRouting });

const definitions = [providerEvents, routingEvents].flat();

export const createCarriers = (): Carriers => {
  const shelves = createShelves(newShelf);
  const { at } = shelves;

  const file = (shelf: Shelf, fact: Fact): void => {
    const event = {
      type: fact.type,
      data: fact.data,
      revision: fact.revision,
      occurredAt: Date.parse(fact.metadata.occurredAt),
    } as Recorded<ProviderEvent | RoutingEvent>;
    if (event.type === 'RoutingSet') {
      shelf.routing = event.data;
      return;
    }
    const id = parseStreamName(fact.stream)?.id as ProviderId;
    const state = provider.evolve(shelf.states.get(id) ?? provider.initial(), event);
    shelf.states.set(id, state);
    if (state.status === 'unknown') return;
    shelf.records.set(id, providerRecordOf(fact.metadata.tenant, state));
  };

  return {
    eventTypes: new Set(definitions.map(({ type }) => type)),
    apply: (fact) => file(shelves.of(fact.metadata.tenant), fact),
    provider: (tenant, id) => at(tenant).records.get(id),
    providers: (tenant) => at(tenant).records.values(),
    all: function* () {
      for (const { records } of shelves.all()) yield* records.values();
    },
    routing: (tenant) => at(tenant).routing,
  };
};
