/**
 * What goes out to Kafka and what comes in from it, in every programme, as decisions and workers look it up. A part of the directory.
 * What was ended stays: its Kafka topic is free again and its history can be shown.
 */
import { type EventOf, unreachable } from '../domain/event.js';
import type { Fact, Position } from '../domain/fact.js';
import type { BindingId, RelayId, TenantId } from '../domain/ids.js';
import { type BindingOrder, bindingEvents } from '../domain/kafka/binding.js';
import { relayEvents, type RelayOrder } from '../domain/kafka/relay.js';
import { parseStreamName } from '../domain/stream.js';
import type { DirectoryPart } from './directoryPart.js';

interface Standing {
  readonly tenant: TenantId;
  readonly status: 'active' | 'ended';
  /** Which setting of it this is, from 0: another one begins anew. */
  readonly generation: number;
  /** Where in the log it was set. */
  readonly setAt: Position;
  /** Milliseconds since the epoch. */
  readonly setAtMs: number;
}
export type RelayRecord = RelayOrder & Standing;
export type BindingRecord = BindingOrder & Standing;

export interface KafkaLinks extends DirectoryPart {
  relay(tenant: TenantId, id: RelayId): RelayRecord | undefined;
  relays(tenant: TenantId): readonly RelayRecord[];
  /** Of every programme. */
  allRelays(): readonly RelayRecord[];
  binding(tenant: TenantId, id: BindingId): BindingRecord | undefined;
  bindings(tenant: TenantId): readonly BindingRecord[];
  allBindings(): readonly BindingRecord[];
}

const definitions = [relayEvents, bindingEvents].flat();
type LinkEvent = EventOf<(typeof definitions)[number]>;

export const createKafkaLinks = (): KafkaLinks => {
  const relays = new Map<string, RelayRecord>();
  const bindings = new Map<string, BindingRecord>();
  const of = <Link extends Standing>(links: ReadonlyMap<string, Link>, tenant: TenantId) =>
    [...links.values()].filter((link) => link.tenant === tenant);
  return {
    eventTypes: new Set(definitions.map(({ type }) => type)),
    apply: (fact) => {
      const { tenant } = fact.metadata;
      const key = keyOf(tenant, parseStreamName(fact.stream)?.id ?? '');
      const event = { type: fact.type, data: fact.data } as LinkEvent;
      switch (event.type) {
        case 'KafkaRelaySet':
          return void relays.set(key, { ...event.data, ...standing(fact) });
        case 'KafkaRelayEnded':
          return end(relays, key);
        case 'KafkaBindingSet':
          return void bindings.set(key, { ...event.data, ...standing(fact) });
        case 'KafkaBindingEnded':
          return end(bindings, key);
        default:
          return unreachable(event);
      }
    },
    relay: (tenant, id) => relays.get(keyOf(tenant, id)),
    relays: (tenant) => of(relays, tenant),
    allRelays: () => [...relays.values()],
    binding: (tenant, id) => bindings.get(keyOf(tenant, id)),
    bindings: (tenant) => of(bindings, tenant),
    allBindings: () => [...bindings.values()],
  };
};

const keyOf = (tenant: TenantId, id: string): string => `${tenant}.${id}`;

const standing = ({ metadata, revision, position }: Fact): Standing => ({
  tenant: metadata.tenant,
  status: 'active',
  generation: revision,
  setAt: position,
  setAtMs: Date.parse(metadata.occurredAt),
});

const end = <Link extends Standing>(links: Map<string, Link>, key: string): void => {
  const link = links.get(key);
  if (link) links.set(key, { ...link, status: 'ended' });
};
