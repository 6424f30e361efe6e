/**
 * Keys of coupon series. Each is HMAC-SHA256 of the series' name under the tenant's key, so that nothing has to be kept for a
 * series, and a tenant's codes are as safe as its other secrets (kopilka.tenant_keys: the same backup).
 *
 * The keyed function of codes is AES-256 of single blocks: a batch of a thousand takes one call, where an HMAC for each code and
 * round takes two hundred times as long.
 */
import { createCipheriv, createHmac } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type SeriesCodes, seriesCodes } from '../../domain/coupon/codes.js';
import type { Prf } from '../../domain/coupon/permutation.js';
import type { TenantId } from '../../domain/ids.js';
import type { PersonalKeys } from '../personalData.js';

/** Where the tenants' keys are. */
export type TenantKeys = Pick<PersonalKeys, 'indexKey'>;

export interface CouponKeys {
  /** The codes of a series by its number. At once where the series was asked for before. */
  codesOf(
    tenant: TenantId,
    series: { readonly seriesId: string; readonly number: number },
  ): SeriesCodes | Promise<SeriesCodes>;
}

/** Where no keys are: nothing is a code. */
export const noCouponKeys: CouponKeys = {
  codesOf: () => ({
    codes: () => {
      throw new Error('Codes cannot be made here: this process was given no keys.');
    },
    placeOf: () => null,
  }),
};

const seriesCached = 5_000;

/** `purpose` parts what is numbered alike: a code of the one is none of the other. */
export const createCouponKeys = (keys: TenantKeys, purpose = 'coupon series'): CouponKeys => {
  const known = new LRUCache<string, SeriesCodes>({ max: seriesCached });
  return {
    codesOf: (tenant, { seriesId, number }) => {
      const id = `${tenant}|${seriesId}`;
      const found = known.get(id);
      if (found) return found;
      return keys.indexKey(tenant).then((key) => {
        const codes = seriesCodes(number, prfOf(seriesKey(key, purpose, seriesId)));
        known.set(id, codes);
        return codes;
      });
    },
  };
};

const seriesKey = (tenantKey: Buffer, purpose: string, seriesId: string): Buffer =>
  createHmac('sha256', tenantKey).update(`${purpose}\n${seriesId}`).digest();

/** `key` has 32 bytes. */
export const prfOf = (key: Buffer): Prf => {
  // One block says nothing about the next in this mode, which is what is wanted: each is an input by itself.
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return (blocks) => cipher.update(blocks);
};
