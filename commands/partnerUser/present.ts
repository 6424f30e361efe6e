/** A partner's user as commands find them: of this very partner, or there is none. */
import type { PartnerId, PartnerUserId, TenantId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import type { Directory } from '../directory.js';
import { presentPartner } from '../partner/present.js';
import type { PartnerUserRecord } from '../partnerUsers.js';

/** @throws Rejected tenant-not-found, partner-not-found, revoked, partner-user-not-found */
export const presentPartnerUser = (
  directory: Directory,
  tenant: TenantId,
  partnerId: PartnerId,
  partnerUserId: PartnerUserId,
): PartnerUserRecord => {
  presentPartner(directory, tenant, partnerId);
  const record = directory.partnerUsers.user(tenant, partnerUserId);
  if (record?.partnerId === partnerId) return record;
  throw rejected('partner-user-not-found', { partnerUserId });
};
