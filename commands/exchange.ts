/**
 * The partners of every tenant with their credentials, their topics, and who may see them, as decisions look them up. A part of the
 * directory. What was revoked or archived stays: "was" and "never was" are different answers.
 */
import { type EventOf, unreachable } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import type { CredentialId, PartnerId, TenantId, TopicId } from '../domain/ids.js';
import {
  type PartnerCredentialIssued,
  partnerEvents,
  type PartnerRegistered,
} from '../domain/partner/partner.js';
import { type PartnerRole, programRoles } from '../domain/partner/role.js';
import { parseStreamName } from '../domain/stream.js';
import {
  applyAccess,
  noAccess,
  type TopicAccess,
  topicAccessEvents,
} from '../domain/topic/access.js';
import { type TopicCreated, topicEvents } from '../domain/topic/topic.js';
import type { DirectoryPart } from './directoryPart.js';
import { createShelves } from './shelves.js';

export type PartnerRecord = EventOf<typeof PartnerRegistered>['data'] & {
  readonly status: 'active' | 'revoked';
};
export type CredentialRecord = Omit<EventOf<typeof PartnerCredentialIssued>['data'], 'roles'> & {
  readonly roles: readonly PartnerRole[];
  readonly partnerId: PartnerId;
  readonly status: 'active' | 'revoked';
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
};
export type TopicRecord = EventOf<typeof TopicCreated>['data'] & {
  readonly status: 'active' | 'archived';
  readonly createdAt: number;
};

export interface Exchange extends DirectoryPart {
  partner(tenant: TenantId, id: PartnerId): PartnerRecord | undefined;
  partners(tenant: TenantId): Iterable<PartnerRecord>;
  credential(tenant: TenantId, id: CredentialId): CredentialRecord | undefined;
  credentialsOf(tenant: TenantId, partnerId: PartnerId): readonly CredentialRecord[];
  topic(tenant: TenantId, id: TopicId): TopicRecord | undefined;
  topics(tenant: TenantId): Iterable<TopicRecord>;
  access(tenant: TenantId, id: TopicId): TopicAccess;
}

interface Shelf {
  readonly partners: Map<PartnerId, PartnerRecord>;
  readonly credentials: Map<CredentialId, CredentialRecord>;
  readonly topics: Map<TopicId, TopicRecord>;
  readonly access: Map<TopicId, TopicAccess>;
}

const newShelf = (): Shelf => ({
  partners: new Map(),
  credentials: new Map(),
  topics: new Map(),
  access: new Map(),
});

const definitions = [partnerEvents, topicEvents, topicAccessEvents].flat();
type ExchangeEvent = EventOf<(typeof definitions)[number]>;

export const createExchange = (): Exchange => {
  const shelves = createShelves(newShelf);
  const { at } = shelves;
  return {
    eventTypes: new Set(definitions.map(({ type }) => type)),
    apply: (fact) => file(shelves.of(fact.metadata.tenant), fact),
    partner: (tenant, id) => at(tenant).partners.get(id),
    partners: (tenant) => at(tenant).partners.values(),
    credential: (tenant, id) => at(tenant).credentials.get(id),
    credentialsOf: (tenant, partnerId) =>
      [...at(tenant).credentials.values()].filter((one) => one.partnerId === partnerId),
    topic: (tenant, id) => at(tenant).topics.get(id),
    topics: (tenant) => at(tenant).topics.values(),
    access: (tenant, id) => at(tenant).access.get(id) ?? noAccess,
  };
};

const amend = <Id, Entry>(entries: Map<Id, Entry>, id: Id, change: Partial<Entry>): void => {
  const entry = entries.get(id);
  if (entry) entries.set(id, { ...entry, ...change });
};

const file = ({ partners, credentials, topics, access }: Shelf, fact: Fact): void => {
  const event = { type: fact.type, data: fact.data } as ExchangeEvent;
  const id = parseStreamName(fact.stream)?.id ?? '';
  const at = Date.parse(fact.metadata.occurredAt);
  switch (event.type) {
    case 'PartnerRegistered':
      partners.set(event.data.partnerId, { ...event.data, status: 'active' });
      return;
    case 'PartnerRevoked':
      return amend(partners, id as PartnerId, { status: 'revoked' });
    case 'PartnerCredentialIssued': {
      const partnerId = id as PartnerId;
      const { credentialId, roles = programRoles } = event.data;
      const issued = { partnerId, roles, status: 'active', issuedAt: at } as const;
      credentials.set(credentialId, { ...event.data, ...issued });
      return;
    }
    case 'PartnerCredentialRevoked':
      return amend(credentials, event.data.credentialId, { status: 'revoked' });
    case 'TopicCreated':
      topics.set(event.data.topicId, { ...event.data, status: 'active', createdAt: at });
      return;
    case 'TopicDescribed':
      return amend(topics, id as TopicId, event.data);
    case 'TopicArchived':
      return amend(topics, id as TopicId, { status: 'archived' });
    case 'TopicAccessGranted':
    case 'TopicAccessRevoked':
      access.set(id as TopicId, applyAccess(access.get(id as TopicId) ?? noAccess, event, at));
      return;
    default:
      return unreachable(event);
  }
};
