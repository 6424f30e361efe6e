/**
 * Gives every member of a segment a coupon. Each grant is a command of its own under a key made of the order's and the customer, so
 * an order that broke off is sent again and gives nobody a second one.
 */
import type { SeriesId } from '../../domain/coupon/ids.js';
import type { UserId } from '../../domain/ids.js';
import { Rejected } from '../../domain/rejected.js';
import type { CommandContext } from '../command.js';
import type { Handler } from '../handle.js';
import { grantCoupon } from './grantCoupon.js';

export interface MembersPage {
  readonly userIds: readonly UserId[];
  /** Null at the end. */
  readonly next: string | null;
}
/** Members a page at a time, in an order that stays. */
export type Members = (after: string | null, limit: number) => Promise<MembersPage>;

export interface GrantCounts {
  readonly granted: number;
  /** Had it from the same order before. */
  readonly repeated: number;
  /** Closed their account meanwhile. */
  readonly gone: number;
}

const pageMembers = 500;
const atOnce = 8;
const goneCodes: ReadonlySet<string> = new Set(['account-closed', 'account-not-found']);

/** @throws Rejected of the series; whatever the log threw, or the signal was aborted with: send the order again. */
export const grantToMembers = async (
  handler: Handler,
  order: { readonly series: SeriesId; readonly cause: string },
  members: Members,
  context: CommandContext,
  signal: AbortSignal,
  onProgress: (counts: GrantCounts) => void,
): Promise<GrantCounts> => {
  const counts = { granted: 0, repeated: 0, gone: 0 };

  const grant = async (userId: UserId): Promise<void> => {
    const own = { ...context, idempotencyKey: `${context.idempotencyKey}/${userId}` };
    try {
      const { repeated } = await handler.handle(grantCoupon, { ...order, userId }, own);
      counts[repeated ? 'repeated' : 'granted'] += 1;
    } catch (error) {
      if (!(error instanceof Rejected) || !goneCodes.has(error.code)) throw error;
      counts.gone += 1;
    }
  };

  let after: string | null = null;
  do {
    const page: MembersPage = await members(after, pageMembers);
    const queue = page.userIds.values();
    const grantNext = async (): Promise<void> => {
      for (const userId of queue) {
        signal.throwIfAborted();
        await grant(userId);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, grantNext));
    after = page.next;
    onProgress({ ...counts });
  } while (after !== null);
  return { ...counts };
};
