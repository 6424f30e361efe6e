/**
 * A merchant: a company in the programme. Invariant: its number is never given to another company, not even after it left,
 * because lots, redemptions and settlements name it for years.
 */
import { Type } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { MerchantId, type TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';

export const merchantStream = (tenant: TenantId, id: MerchantId) =>
  streamName('merchant', tenant, id);

// These names are the storage format: proof-read, version with care.
export const MerchantRegistered = event('MerchantRegistered', {
  merchantId: MerchantId,
  name: Type.String({ minLength: 1, maxLength: 200 }),
  timeZone: Type.String({
    pattern: '^[A-Za-z0-9_+/-]{1,60}$',
    description: 'IANA time zone in which its days of sale are counted',
    examples: ['Europe/London'],
  }),
});
export const MerchantRevoked = event('MerchantRevoked', {
  reason: Type.String({ maxLength: 500 }),
});

export const merchantEvents = [MerchantRegistered, MerchantRevoked] as const;
export type MerchantEvent = EventOf<(typeof merchantEvents)[number]>;
type Registration = EventOf<typeof MerchantRegistered>['data'];

export type Merchant =
  | { readonly status: 'unknown' }
  | { readonly status: 'active'; readonly registration: Registration }
  | { readonly status: 'revoked' };

export const merchant: Aggregate<Merchant, MerchantEvent> = {
  category: 'merchant',
  initial: () => ({ status: 'unknown' }),
  evolve: (_state, event) => {
    switch (event.type) {
      case 'MerchantRegistered':
        return { status: 'active', registration: event.data };
      case 'MerchantRevoked':
        return { status: 'revoked' };
      default:
        return unreachable(event);
    }
  },
};

export const registerMerchant = (command: Registration, state: Merchant): MerchantEvent[] => {
  if (state.status === 'revoked') throw rejected('revoked', { merchantId: command.merchantId });
  if (state.status === 'active') {
    const { name, timeZone } = state.registration;
    const same = name === command.name && timeZone === command.timeZone;
    if (!same) throw rejected('already-registered', { merchantId: command.merchantId });
    return []; // already carried out
  }
  return [{ type: 'MerchantRegistered', data: command }];
};

export const revokeMerchant = (
  command: { readonly reason: string },
  state: Merchant,
): MerchantEvent[] => {
  if (state.status === 'unknown') throw rejected('merchant-not-found');
  if (state.status === 'revoked') return []; // already carried out
  return [{ type: 'MerchantRevoked', data: { reason: command.reason } }];
};
