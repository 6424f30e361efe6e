/**
 * The number of a customer who brings none: the programme's prefix, digits of the command's key, the check digit. The same
 * whenever the command is repeated; `attempt` gives another one where the first was met by a stranger's.
 */
import { createHash } from 'node:crypto';
import { gsrn, isGsrn } from '../../domain/gsrn.js';
import type { UserId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import type { CommandContext } from '../command.js';

export const derivedUserId = (
  gsrnPrefix: string,
  { tenant, idempotencyKey }: CommandContext,
  attempt: number,
): UserId => {
  const text = `user\n${tenant}\n${idempotencyKey}\n${attempt}`;
  const hash = createHash('sha256').update(text).digest('hex');
  const room = BigInt(24 - gsrnPrefix.length);
  return gsrn(gsrnPrefix, BigInt(`0x${hash}`) % 10n ** room);
};

/** @throws Rejected invalid-user-id */
export const assertUserId = (userId: UserId): void => {
  if (!isGsrn(userId)) throw rejected('invalid-user-id', { userId });
};
