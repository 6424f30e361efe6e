/**
 * Prizes that there are so many of, as receipts ask for them: what is left of those that the receipt's numbers would win, and
 * winning them on the stream that all receipts share before the account records it.
 *
 * Nearly every receipt draws a number that wins nothing scarce: then no stream is asked and nothing is reserved.
 */
import type { DomainEvent } from '../../domain/event.js';
import type { GameName } from '../../domain/game/definition.js';
import { prizeFor } from '../../domain/game/play.js';
import type { GameProgressData } from '../../domain/game/events.js';
import {
  type DrawName,
  leftOf,
  reservePrize,
  stock,
  stockStream,
} from '../../domain/game/stock.js';
import type { GameSet } from '../../domain/game/turn.js';
import type { PurchaseId, TenantId, UserId } from '../../domain/ids.js';
import type { Campaign } from '../../domain/pricing/campaign.js';
import { type StateOf, type Step, step } from '../command.js';
import type { InstantDraws } from './instantDraws.js';

export interface PrizeReceipt {
  readonly tenant: TenantId;
  readonly userId: UserId;
  readonly purchaseId: PurchaseId;
}

type Drawn = GameProgressData<'InstantWinDrawn'>;

const drawnIn = (decided: readonly DomainEvent[]): Drawn[] =>
  decided.flatMap(({ type, data }) => (type === 'InstantWinDrawn' ? [data as Drawn] : []));

/** Of one prize; null where there are as many as are won. */
const stockOf = (games: GameSet, game: string, prize: string | null): number | null => {
  const definition = games.get(game)?.definition;
  if (definition?.kind !== 'instantWin' || prize === null) return null;
  return definition.prizes.find((one) => one.prize === prize)?.stock ?? null;
};

/** `games` with what is left of the scarce prizes that the receipt would win. */
export const withPrizesLeft = async (
  games: GameSet,
  campaigns: readonly Pick<Campaign, 'campaignId' | 'rewards'>[],
  draws: InstantDraws,
  { tenant, userId, purchaseId }: PrizeReceipt,
  stateOf: StateOf,
): Promise<GameSet> => {
  const wanted = new Map<string, Wanted>();
  for (const { campaignId, rewards } of campaigns) {
    const reward = rewards.find(({ kind }) => kind === 'instant-win');
    const draw = draws[campaignId];
    if (reward?.kind !== 'instant-win' || draw === undefined) continue;
    const game = games.get(reward.game);
    if (game?.definition.kind !== 'instantWin') continue;
    const won = prizeFor(game.definition.prizes, draw);
    if (won === null || won.stock === null) continue;
    const key = prizeKey(game.name, won.prize);
    const own = [...(wanted.get(key)?.own ?? []), { userId, purchaseId, draw }];
    wanted.set(key, { game: game.name, prize: won.prize, inStock: won.stock, own });
  }
  if (wanted.size === 0) return games;
  const left = new Map<string, number>();
  for (const [key, { game, prize, inStock, own }] of wanted) {
    const state = await stateOf(stockStream(tenant, game), stock);
    left.set(key, leftOf(state, prize, inStock, own));
  }
  return { ...games, left: (game, prize) => left.get(prizeKey(game, prize)) ?? Infinity };
};

interface Wanted {
  readonly game: GameName;
  readonly prize: string;
  readonly inStock: number;
  /** The draws of the receipt that win it. */
  readonly own: readonly DrawName[];
}

const prizeKey = (game: string, prize: string): string => `${game} ${prize}`;

/** What is not recorded by then came to nothing: an append has a deadline of seconds. */
const reservedMs = 120_000;

/** A step for each scarce prize that was won. One that is lost has the receipt decided again, without it. `now` in milliseconds. */
export const prizeSteps = (
  games: GameSet | null,
  decided: readonly DomainEvent[],
  { tenant, userId, purchaseId }: PrizeReceipt,
  now: number,
): Step[] =>
  drawnIn(decided).flatMap(({ game, prize, draw }) => {
    const most = games && stockOf(games, game, prize);
    if (most === null || prize === null) return [];
    const until = now + reservedMs;
    const reservation = { userId, purchaseId, draw, prize, until, inStock: most };
    return step({
      stream: stockStream(tenant, game),
      aggregate: stock,
      decide: (state) => reservePrize(reservation, state),
      whenRefused: 'decideAgain',
    });
  });
