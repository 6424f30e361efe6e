/**
 * The credentials of a provider, sealed under a key that is derived from the tenant's and kept nowhere: the log holds what nobody reads
 * without it, and a process that has the tenant's key needs no other store. Tenant and provider are authenticated with them.
 */
import { createHmac } from 'node:crypto';
import type { ProviderId, TenantId } from '../../domain/ids.js';
import { openText, type PersonalKeys, type PersonSubject, sealText } from '../personalData.js';

export type Secrets = Readonly<Record<string, unknown>>;

export interface ProviderSecrets {
  seal(tenant: TenantId, id: ProviderId, secrets: Secrets): Promise<string>;
  /** None where none were given. @throws SealBroken where they were not sealed for this provider. */
  open(record: {
    readonly tenant: TenantId;
    readonly providerId: ProviderId;
    readonly sealedSecrets?: string;
  }): Promise<Secrets>;
}

const subjectOf = (id: ProviderId): PersonSubject => `provider.${id}` as PersonSubject;

export const createProviderSecrets = (keys: Pick<PersonalKeys, 'indexKey'>): ProviderSecrets => {
  const keyFor = async (tenant: TenantId, id: ProviderId): Promise<Buffer> =>
    createHmac('sha256', await keys.indexKey(tenant))
      .update(`provider secrets/${id}`)
      .digest();
  return {
    seal: async (tenant, id, secrets) =>
      sealText(await keyFor(tenant, id), tenant, subjectOf(id), JSON.stringify(secrets)),
    open: async ({ tenant, providerId, sealedSecrets }) => {
      if (sealedSecrets === undefined) return {};
      const key = await keyFor(tenant, providerId);
      return JSON.parse(openText(key, tenant, subjectOf(providerId), sealedSecrets)) as Secrets;
    },
  };
};
