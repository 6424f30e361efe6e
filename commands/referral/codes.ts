/** The key of a programme's referral codes: HMAC-SHA256 of its use under the tenant's key, so nothing has to be kept for it. */
import { createHmac } from 'node:crypto';
import type { TenantId } from '../../domain/ids.js';
import { type ReferralCodes, referralCodes } from '../../domain/referral/codes.js';
import { prfOf, type TenantKeys } from '../coupon/keys.js';

export interface ReferralKeys {
  codesOf(tenant: TenantId): Promise<ReferralCodes>;
}

export const createReferralKeys = (keys: TenantKeys): ReferralKeys => {
  const known = new Map<TenantId, ReferralCodes>();
  return {
    codesOf: async (tenant) => {
      const found = known.get(tenant);
      if (found) return found;
      const key = await keys.indexKey(tenant);
      const codes = referralCodes(
        prfOf(createHmac('sha256', key).update('referral codes').digest()),
      );
      known.set(tenant, codes);
      return codes;
    },
  };
};

/** Where no keys are, nothing is a code. */
export const noReferralKeys: ReferralKeys = {
  codesOf: () => {
    throw new Error('Referral codes cannot be made here: this process was given no keys.');
  },
};
