/**
 * A point of sale: one shop of a merchant. Invariant: it belongs to one merchant for life, so that sales counted for the shop
 * never change hands afterwards.
 */
import { Type } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { MerchantId, PointOfSaleId, type TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';

export const pointOfSaleStream = (tenant: TenantId, id: PointOfSaleId) =>
  streamName('pointofsale', tenant, id);

// These names are the storage format: proof-read, version with care.
export const PointOfSaleRegistered = event('PointOfSaleRegistered', {
  pointOfSaleId: PointOfSaleId,
  merchantId: MerchantId,
  name: Type.String({ minLength: 1, maxLength: 200 }),
});
export const PointOfSaleRevoked = event('PointOfSaleRevoked', {
  reason: Type.String({ maxLength: 500 }),
});

export const pointOfSaleEvents = [PointOfSaleRegistered, PointOfSaleRevoked] as const;
export type PointOfSaleEvent = EventOf<(typeof pointOfSaleEvents)[number]>;
type Registration = EventOf<typeof PointOfSaleRegistered>['data'];

export type PointOfSale =
  | { readonly status: 'unknown' }
  | { readonly status: 'active'; readonly registration: Registration }
  | { readonly status: 'revoked' };

export const pointOfSale: Aggregate<PointOfSale, PointOfSaleEvent> = {
  category: 'pointofsale',
  initial: () => ({ status: 'unknown' }),
  evolve: (_state, event) => {
    switch (event.type) {
      case 'PointOfSaleRegistered':
        return { status: 'active', registration: event.data };
      case 'PointOfSaleRevoked':
        return { status: 'revoked' };
      default:
        return unreachable(event);
    }
  },
};

export const registerPointOfSale = (
  command: Registration,
  state: PointOfSale,
): PointOfSaleEvent[] => {
  const { pointOfSaleId } = command;
  if (state.status === 'revoked') throw rejected('revoked', { pointOfSaleId });
  if (state.status === 'active') {
    const { merchantId, name } = state.registration;
    const same = merchantId === command.merchantId && name === command.name;
    if (!same) throw rejected('already-registered', { pointOfSaleId });
    return []; // already carried out
  }
  return [{ type: 'PointOfSaleRegistered', data: command }];
};

export const revokePointOfSale = (
  command: { readonly reason: string },
  state: PointOfSale,
): PointOfSaleEvent[] => {
  if (state.status === 'unknown') throw rejected('point-of-sale-not-found');
  if (state.status === 'revoked') return []; // already carried out
  return [{ type: 'PointOfSaleRevoked', data: { reason: command.reason } }];
};
