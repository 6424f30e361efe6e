/**
 * What a registration stands on must be there and not revoked: the same few questions in one wording.
 */
import type { MerchantId, PointOfSaleId, TenantId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import type { Directory } from '../directory.js';
import type { MerchantRecord, PointOfSaleRecord, TenantRecord } from '../directoryShelf.js';

/** @throws Rejected tenant-not-found, revoked */
export const presentTenant = (directory: Directory, tenant: TenantId): TenantRecord => {
  const record = directory.tenant(tenant);
  if (!record) throw rejected('tenant-not-found', { tenantId: tenant });
  if (record.status === 'revoked') throw rejected('revoked', { tenantId: tenant });
  return record;
};

/** @throws Rejected tenant-not-found, merchant-not-found, revoked */
export const presentMerchant = (
  directory: Directory,
  tenant: TenantId,
  merchantId: MerchantId,
): MerchantRecord => {
  presentTenant(directory, tenant);
  const record = directory.merchant(tenant, merchantId);
  if (!record) throw rejected('merchant-not-found', { merchantId });
  if (record.status === 'revoked') throw rejected('revoked', { merchantId });
  return record;
};

/** The shop must be the merchant's: another's is answered as if it were not there. @throws Rejected */
export const presentPointOfSale = (
  directory: Directory,
  tenant: TenantId,
  merchantId: MerchantId,
  pointOfSaleId: PointOfSaleId,
): PointOfSaleRecord => {
  presentMerchant(directory, tenant, merchantId);
  const record = directory.pointOfSale(tenant, pointOfSaleId);
  if (record?.merchantId !== merchantId) {
    throw rejected('point-of-sale-not-found', { merchantId, pointOfSaleId });
  }
  if (record.status === 'revoked') throw rejected('revoked', { pointOfSaleId });
  return record;
};
