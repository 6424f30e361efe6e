/**
 * Where a customer stands now: tier, stamp cards, challenges, streaks. A question to the account's current state, which is never
 * stale; what was due since the last receipt (a review, a card that expired) is counted in, and recorded by the next decision.
 */
import { account, accountStream } from '../../domain/account/account.js';
import { tierNow } from '../../domain/account/gameEffects.js';
import { type GameStanding, standingIn, tierAfter } from '../../domain/account/standing.js';
import type { UserId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { localTime } from '../../domain/pricing/localTime.js';
import type { CommandContext } from '../command.js';
import type { Handler } from '../handle.js';
import { tierShown } from './purchaseAnswer.js';

const gamesMost = 200;

/** `timeZone` tells which day, week and month it is for the games. @throws Rejected account-not-found */
export const customerProgress = async (
  handler: Handler,
  userId: UserId,
  timeZone: string,
  { tenant, now }: Pick<CommandContext, 'tenant' | 'now'>,
) => {
  const { tiers, games } = handler.directory;
  const state = await handler.state(accountStream(tenant, userId), account);
  if (state.status === 'unknown') throw rejected('account-not-found', { userId });
  const scheme = tiers.scheme(tenant);
  const { standing } = tierNow(state, scheme, now);
  const date = localTime(now, timeZone).date;
  const played: GameStanding[] = [];
  for (const game of games.list(tenant)) {
    if (game.status !== 'played' || played.length === gamesMost) continue;
    const one = standingIn(game, state.progress.games, now, date);
    if (one) played.push(one);
  }
  return {
    userId,
    ...(scheme && {
      tier: { ...tierShown(tierAfter(standing, scheme, now)), until: standing.until },
    }),
    games: played,
  };
};
