/**
 * A partner: a company that publishes what its customers do and receives what others publish. Invariant: a partner is known by the
 * credentials of its programs, each of which can be ended by itself; a partner that was taken out comes back under no id.
 */
import { Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import { CredentialId, PartnerId, type TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';
import { PartnerRoles } from './role.js';

export const partnerStream = (tenant: TenantId, id: PartnerId) => streamName('partner', tenant, id);

const reason = Type.String({ maxLength: 500 });

// These names are the storage format: proof-read, version with care.
export const PartnerRegistered = event('PartnerRegistered', {
  partnerId: PartnerId,
  name: Type.String({ minLength: 1, maxLength: 200, examples: ['Motor House'] }),
});
export const PartnerCredentialIssued = event('PartnerCredentialIssued', {
  credentialId: CredentialId,
  /** For people: which program it is of. */
  label: Type.String({ minLength: 1, maxLength: 100, examples: ['production'] }),
  /** SHA-256 of the token's secret, hex. The token itself is shown once and kept nowhere. */
  secretHash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** Left out: those of programRoles. */
  roles: Type.Optional(PartnerRoles),
});
export const PartnerCredentialRevoked = event('PartnerCredentialRevoked', {
  credentialId: CredentialId,
  reason,
});
export const PartnerRevoked = event('PartnerRevoked', { reason });

export const partnerEvents = [
  PartnerRegistered,
  PartnerCredentialIssued,
  PartnerCredentialRevoked,
  PartnerRevoked,
] as const;
export type PartnerEvent = EventOf<(typeof partnerEvents)[number]>;
type Registration = EventOf<typeof PartnerRegistered>['data'];
type Credential = EventOf<typeof PartnerCredentialIssued>['data'];

export type Partner =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'active';
      readonly registration: Registration;
      readonly credentials: ReadonlyMap<CredentialId, 'active' | 'revoked'>;
    }
  | { readonly status: 'revoked' };
type Active = Extract<Partner, { status: 'active' }>;

/** Enough for every program of a company and the rotation of each. */
const credentialsMax = 50;

const withCredential = (state: Partner, id: CredentialId, status: 'active' | 'revoked'): Partner =>
  state.status === 'active'
    ? { ...state, credentials: new Map(state.credentials).set(id, status) }
    : state;

export const partner: Aggregate<Partner, PartnerEvent> = {
  category: 'partner',
  initial: () => ({ status: 'unknown' }),
  evolve: (state, event) => {
    switch (event.type) {
      case 'PartnerRegistered':
        return { status: 'active', registration: event.data, credentials: new Map() };
      case 'PartnerCredentialIssued':
        return withCredential(state, event.data.credentialId, 'active');
      case 'PartnerCredentialRevoked':
        return withCredential(state, event.data.credentialId, 'revoked');
      case 'PartnerRevoked':
        return { status: 'revoked' };
      default:
        return unreachable(event);
    }
  },
};

const active = (state: Partner): Active => {
  if (state.status === 'unknown') throw rejected('partner-not-found');
  if (state.status === 'revoked') throw rejected('revoked');
  return state;
};

export const registerPartner = (command: Registration, state: Partner): PartnerEvent[] => {
  const { partnerId } = command;
  if (state.status === 'revoked') throw rejected('revoked', { partnerId });
  if (state.status === 'active') {
    if (state.registration.name === command.name) return []; // already carried out
    throw rejected('already-registered', { partnerId });
  }
  return [{ type: 'PartnerRegistered', data: command }];
};

export const issueCredential = (command: Credential, state: Partner): PartnerEvent[] => {
  const { credentials } = active(state);
  const { credentialId } = command;
  if (credentials.has(credentialId)) return []; // already carried out
  const inUse = [...credentials.values()].filter((status) => status === 'active').length;
  if (inUse >= credentialsMax) throw rejected('too-many-credentials', { most: credentialsMax });
  return [{ type: 'PartnerCredentialIssued', data: command }];
};

export const revokeCredential = (
  command: EventOf<typeof PartnerCredentialRevoked>['data'],
  state: Partner,
): PartnerEvent[] => {
  if (state.status === 'revoked') return []; // ended with the partner
  const status = active(state).credentials.get(command.credentialId);
  if (status === undefined) throw rejected('credential-not-found');
  if (status === 'revoked') return []; // already carried out
  return [{ type: 'PartnerCredentialRevoked', data: command }];
};

export const revokePartner = (
  command: EventOf<typeof PartnerRevoked>['data'],
  state: Partner,
): PartnerEvent[] => {
  if (state.status === 'unknown') throw rejected('partner-not-found');
  if (state.status === 'revoked') return []; // already carried out
  return [{ type: 'PartnerRevoked', data: command }];
};
