/** The referral programme of every tenant, as decisions look it up, in all its versions. A part of the directory. */
import { unreachable } from '../domain/event.js';
import type { TenantId } from '../domain/ids.js';
import type { ReferralCodes } from '../domain/referral/codes.js';
import {
  referralProgrammeEvents,
  type ReferralProgrammeEvent,
  type VersionedReferrals,
} from '../domain/referral/programme.js';
import type { DirectoryPart } from './directoryPart.js';
import { noReferralKeys, type ReferralKeys } from './referral/codes.js';

export interface ReferralProgrammes extends DirectoryPart {
  /** The last version, whether newcomers are still taken or not; null where there never was one. */
  programme(tenant: TenantId): (VersionedReferrals & { readonly open: boolean }) | null;
  /** A version never changes. */
  version(tenant: TenantId, version: number): VersionedReferrals | null;
  codes(tenant: TenantId): Promise<ReferralCodes>;
}

interface Shelf {
  readonly versions: VersionedReferrals[];
  open: boolean;
}

export const createReferralProgrammes = (
  keys: ReferralKeys = noReferralKeys,
): ReferralProgrammes => {
  const shelves = new Map<TenantId, Shelf>();
  return {
    eventTypes: new Set(referralProgrammeEvents.map(({ type }) => type)),
    apply: ({ metadata, type, data }) => {
      const event = { type, data } as ReferralProgrammeEvent;
      let shelf = shelves.get(metadata.tenant);
      if (!shelf) shelves.set(metadata.tenant, (shelf = { versions: [], open: false }));
      switch (event.type) {
        case 'ReferralProgrammeSet':
          shelf.versions.push(event.data);
          shelf.open = true;
          return;
        case 'ReferralProgrammeEnded':
          shelf.open = false;
          return;
        default:
          return unreachable(event);
      }
    },
    programme: (tenant) => {
      const shelf = shelves.get(tenant);
      const last = shelf?.versions.at(-1);
      return shelf && last ? { ...last, open: shelf.open } : null;
    },
    version: (tenant, version) => shelves.get(tenant)?.versions[version - 1] ?? null,
    codes: (tenant) => keys.codesOf(tenant),
  };
};
