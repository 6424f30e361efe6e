/** The scheme of tiers of every tenant, as decisions look it up. A part of the directory. */
import type { TenantId } from '../domain/ids.js';
import {
  tierSchemeEvents,
  type TierSchemeEvent,
  type VersionedScheme,
} from '../domain/tier/scheme.js';
import type { DirectoryPart } from './directoryPart.js';

export interface Tiers extends DirectoryPart {
  /** The scheme in force, null where the programme has no tiers. */
  scheme(tenant: TenantId): VersionedScheme | null;
}

export const createTiers = (): Tiers => {
  const schemes = new Map<TenantId, VersionedScheme>();
  return {
    eventTypes: new Set(tierSchemeEvents.map(({ type }) => type)),
    apply: ({ metadata, data }) => schemes.set(metadata.tenant, data as TierSchemeEvent['data']),
    scheme: (tenant) => schemes.get(tenant) ?? null,
  };
};
