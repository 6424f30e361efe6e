/**
 * What publishing looks up about a topic: its rules, its schemas, and the limits of its partner. A part of the directory. Topics
 * without any of it are not in here, so that one look in a table tells that there is nothing to do.
 */
import { type EventOf, unreachable } from '../domain/event.js';
import type { PartnerId, TenantId, TopicId } from '../domain/ids.js';
import { type PartnerLimits, partnerLimitsEvents } from '../domain/partner/limits.js';
import { parseStreamName } from '../domain/stream.js';
import { applyRules, noRules, type TopicRules, topicRulesEvents } from '../domain/topic/rules.js';
import { applySchemas, type TopicSchemas, topicSchemasEvents } from '../domain/topic/schemas.js';
import type { DirectoryPart } from './directoryPart.js';

export interface TopicPublishing extends TopicRules {
  readonly schemas: TopicSchemas;
}

export interface Publishing extends DirectoryPart {
  /** Undefined where nothing was ever set. */
  topic(tenant: TenantId, id: TopicId): TopicPublishing | undefined;
  partnerLimits(tenant: TenantId, id: PartnerId): PartnerLimits | undefined;
}

const definitions = [topicRulesEvents, topicSchemasEvents, partnerLimitsEvents].flat();
type PublishingEvent = EventOf<(typeof definitions)[number]>;

const nothingSet: TopicPublishing = { ...noRules, schemas: [] };

export const createPublishing = (): Publishing => {
  const topics = new Map<string, TopicPublishing>();
  const partners = new Map<string, PartnerLimits>();
  const keyOf = (tenant: TenantId, id: string): string => `${tenant}.${id}`;
  return {
    eventTypes: new Set(definitions.map(({ type }) => type)),
    apply: (fact) => {
      const event = { type: fact.type, data: fact.data } as PublishingEvent;
      const key = keyOf(fact.metadata.tenant, parseStreamName(fact.stream)?.id ?? '');
      const known = topics.get(key) ?? nothingSet;
      switch (event.type) {
        case 'TopicHandlingSet':
        case 'TopicLimitsSet':
          topics.set(key, { ...known, ...applyRules(known, event) });
          return;
        case 'TopicSchemaAccepted':
        case 'TopicSchemaRetired': {
          const at = Date.parse(fact.metadata.occurredAt);
          topics.set(key, { ...known, schemas: applySchemas(known.schemas, event, at) });
          return;
        }
        case 'PartnerLimitsSet':
          partners.set(key, event.data);
          return;
        default:
          return unreachable(event);
      }
    },
    topic: (tenant, id) => topics.get(keyOf(tenant, id)),
    partnerLimits: (tenant, id) => partners.get(keyOf(tenant, id)),
  };
};
