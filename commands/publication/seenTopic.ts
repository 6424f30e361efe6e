/** A topic as far as a partner may know of it: one that it neither owns nor may see is not there. */
import type { PartnerId, TenantId, TopicId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import type { Grant } from '../../domain/topic/access.js';
import type { Directory } from '../directory.js';
import type { TopicRecord } from '../exchange.js';

export interface SeenTopic {
  readonly topic: TopicRecord;
  /** Null for the owner. */
  readonly grant: Grant | null;
}

/** @throws Rejected topic-not-found */
export const seenTopic = (
  { exchange }: Directory,
  tenant: TenantId,
  topicId: TopicId,
  partnerId: PartnerId,
): SeenTopic => {
  const topic = exchange.topic(tenant, topicId);
  if (topic?.owner === partnerId) return { topic, grant: null };
  const { grants } = exchange.access(tenant, topicId);
  const grant = grants.find((one) => one.partnerId === partnerId && one.until === null);
  if (!topic || !grant) throw rejected('topic-not-found', { topicId });
  return { topic, grant };
};
