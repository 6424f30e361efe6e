/**
 * An app: an integrator's program that acts on behalf of tills. Invariant: its secret alone sells nothing; it acts for a till
 * only together with that till's token, so revoking either one ends it.
 */
import { Type } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { AppId, type TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';

export const appStream = (tenant: TenantId, id: AppId) => streamName('app', tenant, id);

// These names are the storage format: proof-read, version with care.
export const AppRegistered = event('AppRegistered', {
  appId: AppId,
  name: Type.String({ minLength: 1, maxLength: 200 }),
  /** SHA-256 of the token's secret, hex. The token itself is shown once and kept nowhere. */
  secretHash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});
export const AppRevoked = event('AppRevoked', { reason: Type.String({ maxLength: 500 }) });

export const appEvents = [AppRegistered, AppRevoked] as const;
export type AppEvent = EventOf<(typeof appEvents)[number]>;
type Registration = EventOf<typeof AppRegistered>['data'];

export type App =
  | { readonly status: 'unknown' }
  | { readonly status: 'active'; readonly registration: Registration }
  | { readonly status: 'revoked' };

export const app: Aggregate<App, AppEvent> = {
  category: 'app',
  initial: () => ({ status: 'unknown' }),
  evolve: (_state, event) => {
    switch (event.type) {
      case 'AppRegistered':
        return { status: 'active', registration: event.data };
      case 'AppRevoked':
        return { status: 'revoked' };
      default:
        return unreachable(event);
    }
  },
};

export const registerApp = (command: Registration, state: App): AppEvent[] => {
  if (state.status === 'revoked') throw rejected('revoked', { appId: command.appId });
  if (state.status === 'active') {
    if (state.registration.name !== command.name) {
      throw rejected('already-registered', { appId: command.appId });
    }
    return []; // already carried out
  }
  return [{ type: 'AppRegistered', data: command }];
};

export const revokeApp = (command: { readonly reason: string }, state: App): AppEvent[] => {
  if (state.status === 'unknown') throw rejected('app-not-found');
  if (state.status === 'revoked') return []; // already carried out
  return [{ type: 'AppRevoked', data: { reason: command.reason } }];
};
