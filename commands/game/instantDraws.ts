/**
 * The numbers that instant wins are decided by: for each campaign that plays one, a number of the game's committed seed, the
 * customer and the receipt. The same receipt always gets the same number, and once the game has ended anyone can work it out.
 */
import { instantNumber } from '../../domain/draw/uniform.js';
import type { PurchaseId, TenantId, UserId } from '../../domain/ids.js';
import type { Campaign } from '../../domain/pricing/campaign.js';
import type { Seed, Seeds } from '../seeds.js';

export type InstantDraws = Readonly<Record<string, number>>;
const noDraws: InstantDraws = {};

export interface DrawnReceipt {
  readonly tenant: TenantId;
  readonly userId: UserId;
  readonly purchaseId: PurchaseId;
}

/** By campaign id, for `price`. At once where no campaign plays, or the seeds were asked for before. */
export const instantDraws = (
  seeds: Seeds,
  campaigns: readonly Pick<Campaign, 'campaignId' | 'rewards'>[],
  { tenant, userId, purchaseId }: DrawnReceipt,
): InstantDraws | Promise<InstantDraws> => {
  const played = campaigns.flatMap(({ campaignId, rewards }) => {
    const reward = rewards.find(({ kind }) => kind === 'instant-win');
    return reward?.kind === 'instant-win' ? [{ campaignId, game: reward.game }] : [];
  });
  if (played.length === 0) return noDraws;
  const found = played.map(({ game }) => seeds.of(tenant, 'game', game));
  const numbers = (known: readonly Seed[]): InstantDraws =>
    Object.fromEntries(
      played.map(({ campaignId }, index) => [
        campaignId,
        instantNumber((known[index] as Seed).hash, userId, purchaseId, campaignId),
      ]),
    );
  const waits = found.some((seed) => seed instanceof Promise);
  return waits ? Promise.all(found).then(numbers) : numbers(found as Seed[]);
};
