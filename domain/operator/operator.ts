/**
 * An operator: a person who works with the console, known by a login. Invariant: a login means one person for life, so that
 * the actor recorded with a fact of years ago is still who it says; whoever left is revoked, and the login is not reused.
 */
import { Type, type Static } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { MerchantId, OperatorId, type TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';

export const operatorStream = (tenant: TenantId, id: OperatorId) =>
  streamName('operator', tenant, id);

export const Role = Type.Union([
  Type.Literal('owner'),
  Type.Literal('manager'),
  Type.Literal('analyst'),
  Type.Literal('auditor'),
  Type.Literal('cashier'),
]);
export type Role = Static<typeof Role>;

/** A scrypt string with its parameters and salt (see commands/credentials.ts), never a password. */
const PasswordHash = Type.String({ pattern: '^scrypt\\$', maxLength: 300 });

// These names are the storage format: proof-read, version with care.
export const OperatorRegistered = event('OperatorRegistered', {
  operatorId: OperatorId,
  name: Type.String({ minLength: 1, maxLength: 200 }),
  passwordHash: PasswordHash,
  roles: Type.Array(Role, { minItems: 1, maxItems: 5, uniqueItems: true }),
  /** The only merchant whose data the operator may see; null: all of the tenant. */
  merchantId: Type.Union([MerchantId, Type.Null()]),
});
export const OperatorPasswordChanged = event('OperatorPasswordChanged', {
  passwordHash: PasswordHash,
});
export const OperatorRevoked = event('OperatorRevoked', {
  reason: Type.String({ maxLength: 500 }),
});

export const operatorEvents = [
  OperatorRegistered,
  OperatorPasswordChanged,
  OperatorRevoked,
] as const;
export type OperatorEvent = EventOf<(typeof operatorEvents)[number]>;
type Registration = EventOf<typeof OperatorRegistered>['data'];

export type Operator =
  | { readonly status: 'unknown' }
  | { readonly status: 'active'; readonly registration: Registration }
  | { readonly status: 'revoked' };

export const operator: Aggregate<Operator, OperatorEvent> = {
  category: 'operator',
  initial: () => ({ status: 'unknown' }),
  evolve: (state, event) => {
    switch (event.type) {
      case 'OperatorRegistered':
        return { status: 'active', registration: event.data };
      case 'OperatorPasswordChanged':
        if (state.status !== 'active') return state;
        return {
          status: 'active',
          registration: { ...state.registration, passwordHash: event.data.passwordHash },
        };
      case 'OperatorRevoked':
        return { status: 'revoked' };
      default:
        return unreachable(event);
    }
  },
};

/** The password is not compared: a salted hash is another one each time. It is changed by `changeOperatorPassword` only. */
export const registerOperator = (command: Registration, state: Operator): OperatorEvent[] => {
  const { operatorId } = command;
  if (state.status === 'revoked') throw rejected('revoked', { operatorId });
  if (state.status === 'active') {
    const { name, roles, merchantId } = state.registration;
    const same =
      name === command.name &&
      merchantId === command.merchantId &&
      [...roles].sort().join() === [...command.roles].sort().join();
    if (!same) throw rejected('already-registered', { operatorId });
    return []; // already carried out
  }
  return [{ type: 'OperatorRegistered', data: command }];
};

export const changeOperatorPassword = (
  command: { readonly passwordHash: string },
  state: Operator,
): OperatorEvent[] => {
  if (state.status === 'unknown') throw rejected('operator-not-found');
  if (state.status === 'revoked') throw rejected('revoked');
  if (state.registration.passwordHash === command.passwordHash) return []; // already carried out
  return [{ type: 'OperatorPasswordChanged', data: { passwordHash: command.passwordHash } }];
};

export const revokeOperator = (
  command: { readonly reason: string },
  state: Operator,
): OperatorEvent[] => {
  if (state.status === 'unknown') throw rejected('operator-not-found');
  if (state.status === 'revoked') return []; // already carried out
  return [{ type: 'OperatorRevoked', data: { reason: command.reason } }];
};
