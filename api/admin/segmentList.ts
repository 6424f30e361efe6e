/**
 * Putting customers on a list, 1,000 at a time, with a word on each that could not be: who has no open account here is left out and
 * does not hold up the others.
 */
import type pg from 'pg';
import type { CommandContext } from '../../commands/command.js';
import type { Handler } from '../../commands/handle.js';
import { changeMembers } from '../../commands/segment/changeMembers.js';
import { isGsrn } from '../../domain/gsrn.js';
import type { UserId } from '../../domain/ids.js';
import type { SegmentId } from '../../domain/segment/definition.js';
import { openAccounts } from '../../projections/segments/evaluate.js';

/** With what the sender knows it by: a line of a file. */
export interface Entry {
  readonly userId: string;
  readonly line: number;
}
export interface Reject extends Entry {
  readonly reason: 'invalid-user-id' | 'account-not-found' | 'broken-line';
}
export interface ListChanges {
  readonly added: number;
  readonly removed: number;
  /** Were on the list already, or not on it when they were to be taken off. */
  readonly already: number;
  readonly rejected: readonly Reject[];
  readonly members: number;
  readonly position: bigint | null;
}

export interface ListOf {
  readonly handler: Handler;
  readonly pool: Pick<pg.Pool, 'query'>;
  readonly segmentId: SegmentId;
  readonly context: CommandContext;
}

/** At most 1,000 in all. @throws Rejected segment-not-found, segment-retired, segment-computed, segments-full */
export const changeList = async (
  { handler, pool, segmentId, context }: ListOf,
  add: readonly Entry[],
  remove: readonly UserId[],
): Promise<ListChanges> => {
  const rejected: Reject[] = [];
  const wellFormed = add.filter((entry) => {
    if (isGsrn(entry.userId)) return true;
    rejected.push({ ...entry, reason: 'invalid-user-id' });
    return false;
  });
  const userIds = wellFormed.map(({ userId }) => userId as UserId);
  const open = await openAccounts(pool, context.tenant, userIds);
  for (const entry of wellFormed) {
    if (!open.has(entry.userId as UserId)) rejected.push({ ...entry, reason: 'account-not-found' });
  }
  const wanted = userIds.filter((userId) => open.has(userId));
  const input = {
    segmentId,
    add: wanted.map((userId) => ({ userId })),
    remove: [...remove],
    version: null,
  };
  const { answer, position } = await handler.handle(changeMembers, input, context);
  const added = answer.added.length;
  const removed = answer.removed.length;
  return {
    added,
    removed,
    already: wanted.length + remove.length - added - removed,
    rejected: rejected.sort((a, b) => a.line - b.line),
    members: answer.members,
    position,
  };
};
