/**
 * A tenant: one loyalty programme and its data. Invariant: its currency and the prefix of its customers' numbers are fixed for
 * life, since amounts and GSRNs already given out depend on them. A revoked tenant takes no commands and is never revived.
 */
import { Type } from '@sinclair/typebox';
import { Currency } from '../amount.js';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';

export const tenantStream = (id: TenantId) => streamName('tenant', id, id);

// These names are the storage format: proof-read, version with care.
export const TenantRegistered = event('TenantRegistered', {
  tenantId: TenantId,
  name: Type.String({ minLength: 1, maxLength: 200 }),
  currency: Currency,
  gsrnPrefix: Type.String({
    pattern: '^[0-9]{1,10}$',
    description: 'First digits of the numbers of its customers',
    examples: ['8018000010'],
  }),
});
export const TenantRevoked = event('TenantRevoked', { reason: Type.String({ maxLength: 500 }) });

export const tenantEvents = [TenantRegistered, TenantRevoked] as const;
export type TenantEvent = EventOf<(typeof tenantEvents)[number]>;
type Registration = EventOf<typeof TenantRegistered>['data'];

export type Tenant =
  | { readonly status: 'unknown' }
  | { readonly status: 'active'; readonly registration: Registration }
  | { readonly status: 'revoked' };

export const tenant: Aggregate<Tenant, TenantEvent> = {
  category: 'tenant',
  initial: () => ({ status: 'unknown' }),
  evolve: (_state, event) => {
    switch (event.type) {
      case 'TenantRegistered':
        return { status: 'active', registration: event.data };
      case 'TenantRevoked':
        return { status: 'revoked' };
      default:
        return unreachable(event);
    }
  },
};

export const registerTenant = (command: Registration, state: Tenant): TenantEvent[] => {
  if (state.status === 'revoked') throw rejected('revoked', { tenantId: command.tenantId });
  if (state.status === 'active') {
    const { name, currency, gsrnPrefix } = state.registration;
    const same =
      name === command.name && currency === command.currency && gsrnPrefix === command.gsrnPrefix;
    if (!same) throw rejected('already-registered', { tenantId: command.tenantId });
    return []; // already carried out
  }
  return [{ type: 'TenantRegistered', data: command }];
};

export const revokeTenant = (
  command: { readonly reason: string },
  state: Tenant,
): TenantEvent[] => {
  if (state.status === 'unknown') throw rejected('tenant-not-found');
  if (state.status === 'revoked') return []; // already carried out
  return [{ type: 'TenantRevoked', data: { reason: command.reason } }];
};
