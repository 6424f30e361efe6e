/** What the exchange's commands stand on must be there: the same few questions in one wording. */
import type { PartnerId, TenantId, TopicId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import type { Directory } from '../directory.js';
import type { PartnerRecord, TopicRecord } from '../exchange.js';
import { presentTenant } from '../registry/present.js';

/** @throws Rejected tenant-not-found, partner-not-found, revoked */
export const presentPartner = (
  directory: Directory,
  tenant: TenantId,
  partnerId: PartnerId,
): PartnerRecord => {
  presentTenant(directory, tenant);
  const record = directory.exchange.partner(tenant, partnerId);
  if (!record) throw rejected('partner-not-found', { partnerId });
  if (record.status === 'revoked') throw rejected('revoked', { partnerId });
  return record;
};

/** @throws Rejected tenant-not-found, topic-not-found */
export const presentTopic = (
  directory: Directory,
  tenant: TenantId,
  topicId: TopicId,
): TopicRecord => {
  presentTenant(directory, tenant);
  const record = directory.exchange.topic(tenant, topicId);
  if (!record) throw rejected('topic-not-found', { topicId });
  return record;
};
