/**
 * A customer's loyalty account: cards, points, purchases. The consistency boundary of everything a receipt does to them, so two
 * tills that spend the same points at once meet in the expected revision of one stream.
 *
 * The deciders are beside this file, one per thing that may happen: confirm, return, cancel, adjust, settle, close.
 */
import type { Aggregate } from '../event.js';
import type { TenantId, UserId } from '../ids.js';
import { streamName } from '../stream.js';
import type { AccountEvent } from './events.js';
import { fromSnapshot, snapshotSchemaVersion, toSnapshot } from './snapshot.js';
import { type Account, evolveAccount, initialAccount } from './state.js';

export const accountStream = (tenant: TenantId, userId: UserId) =>
  streamName('account', tenant, userId);

export const account: Aggregate<Account, AccountEvent> = {
  category: 'account',
  initial: initialAccount,
  evolve: evolveAccount,
  snapshot: {
    every: 500,
    schemaVersion: snapshotSchemaVersion,
    take: toSnapshot,
    restore: fromSnapshot,
  },
};
