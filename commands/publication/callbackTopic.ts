/**
 * Where somebody may have the statuses of a message published: a partner on a topic of its own; an operator, or a rule of the programme,
 * on that of any partner. Asked when the message is accepted; what becomes of the topic later is met when something is published there.
 */
import type { PartnerId, TenantId, TopicId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import type { Directory } from '../directory.js';
import type { TopicRecord } from '../exchange.js';
import { ownTopic } from './ownTopic.js';

/**
 * @param requester of the message.
 * @throws Rejected topic-not-found, topic-archived; for a partner also partner-not-found, revoked, not-topic-owner
 */
export const callbackTopic = (
  directory: Directory,
  tenant: TenantId,
  requester: { readonly kind: 'partner' | 'operator' | 'policy'; readonly id: string },
  topicId: TopicId,
): TopicRecord => {
  const topic =
    requester.kind === 'partner'
      ? ownTopic(directory, tenant, topicId, requester.id as PartnerId)
      : directory.exchange.topic(tenant, topicId);
  if (!topic) throw rejected('topic-not-found', { topicId });
  if (topic.status === 'archived') throw rejected('topic-archived', { topicId });
  return topic;
};
