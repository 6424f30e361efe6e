/** A topic as its owner works with it. */
import type { PartnerId, TenantId, TopicId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import type { Directory } from '../directory.js';
import type { TopicRecord } from '../exchange.js';
import { presentPartner } from '../partner/present.js';
import { seenTopic } from './seenTopic.js';

/** @throws Rejected partner-not-found, revoked, topic-not-found, not-topic-owner */
export const ownTopic = (
  directory: Directory,
  tenant: TenantId,
  topicId: TopicId,
  partnerId: PartnerId,
): TopicRecord => {
  presentPartner(directory, tenant, partnerId);
  const { topic } = seenTopic(directory, tenant, topicId, partnerId);
  if (topic.owner !== partnerId) throw rejected('not-topic-owner', { topicId });
  return topic;
};
