/**
 * A till: the secret of one POS terminal. Invariant: a till belongs to one merchant and one point of sale for life, so a token
 * that leaks can do harm in one shop only, and is revoked alone.
 */
import { Type } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { MerchantId, PointOfSaleId, type TenantId, TillId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';

export const tillStream = (tenant: TenantId, id: TillId) => streamName('till', tenant, id);

// These names are the storage format: proof-read, version with care.
export const TillRegistered = event('TillRegistered', {
  tillId: TillId,
  merchantId: MerchantId,
  pointOfSaleId: PointOfSaleId,
  name: Type.String({ maxLength: 200 }),
  /** SHA-256 of the token's secret, hex. The token itself is shown once and kept nowhere. */
  secretHash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});
export const TillRevoked = event('TillRevoked', { reason: Type.String({ maxLength: 500 }) });

export const tillEvents = [TillRegistered, TillRevoked] as const;
export type TillEvent = EventOf<(typeof tillEvents)[number]>;
type Registration = EventOf<typeof TillRegistered>['data'];

export type Till =
  | { readonly status: 'unknown' }
  | { readonly status: 'active'; readonly registration: Registration }
  | { readonly status: 'revoked' };

export const till: Aggregate<Till, TillEvent> = {
  category: 'till',
  initial: () => ({ status: 'unknown' }),
  evolve: (_state, event) => {
    switch (event.type) {
      case 'TillRegistered':
        return { status: 'active', registration: event.data };
      case 'TillRevoked':
        return { status: 'revoked' };
      default:
        return unreachable(event);
    }
  },
};

export const registerTill = (command: Registration, state: Till): TillEvent[] => {
  if (state.status === 'revoked') throw rejected('revoked', { tillId: command.tillId });
  if (state.status === 'active') {
    const { merchantId, pointOfSaleId } = state.registration;
    const same = merchantId === command.merchantId && pointOfSaleId === command.pointOfSaleId;
    if (!same) throw rejected('already-registered', { tillId: command.tillId });
    return []; // already carried out
  }
  return [{ type: 'TillRegistered', data: command }];
};

export const revokeTill = (command: { readonly reason: string }, state: Till): TillEvent[] => {
  if (state.status === 'unknown') throw rejected('till-not-found');
  if (state.status === 'revoked') return []; // already carried out
  return [{ type: 'TillRevoked', data: { reason: command.reason } }];
};
