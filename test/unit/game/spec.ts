/** A customer at the games, purchase by purchase: `told` says in words what was recorded. */
import type { GameDefinition, GameName, GameReward } from '../../../domain/game/definition.js';
import type { GameProgressEvent } from '../../../domain/game/events.js';
import { playGames } from '../../../domain/game/play.js';
import { noProgress } from '../../../domain/game/progress.js';
import { takeBackGames } from '../../../domain/game/takeBack.js';
import type { Game, GameSet, Played } from '../../../domain/game/turn.js';
import type { PurchaseId } from '../../../domain/ids.js';
import type { Effect } from '../../../domain/pricing/effects.js';

export const dayMs = 86_400_000;
export const start = Date.UTC(2026, 2, 2, 12); // a Monday
export const coffee: GameReward = { kind: 'points', points: 500 };

export const gamesOf = (definitions: Readonly<Record<string, GameDefinition>>): GameSet => {
  const games = new Map<string, Game>(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      { name: name as GameName, version: 1, definition },
    ]),
  );
  const streaks = [...games.values()].filter(({ definition }) => definition.kind === 'streak');
  return { get: (name) => games.get(name), streaks };
};

export const stamps = (card: string, ...counts: number[]): Effect => ({
  kind: 'stamps',
  card,
  stamps: counts.reduce((sum, count) => sum + count, 0),
  parts: counts.map((count, index) => ({ position: index + 1, count })),
});
export const towards = (challenge: string, ...counts: number[]): Effect => ({
  kind: 'challenge',
  challenge,
  progress: counts.reduce((sum, count) => sum + count, 0),
  parts: counts.map((count, index) => ({ position: index + 1, count })),
});

interface Bought {
  readonly events: readonly GameProgressEvent[];
  readonly at: number;
  readonly paid: number;
  /** Thousandths of each line (of 1000) that were returned. */
  readonly returned: number[];
}

export const customerOf = (games: GameSet) => {
  let progress = noProgress;
  const bought = new Map<string, Bought>();
  let returns = 0;
  return {
    progress: () => progress,
    buy: (id: string, day: number, effects: readonly Effect[], more: Partial<Played> = {}) => {
      const at = start + day * dayMs;
      const date = new Date(at).toISOString().slice(0, 10);
      const played: Played = {
        purchaseId: id as PurchaseId,
        at,
        date,
        paid: 1_000,
        effects,
        ...more,
      };
      const outcome = playGames(progress, games, played);
      progress = outcome.progress;
      const returned = Array.from({ length: 10 }, () => 0);
      bought.set(id, { events: outcome.events, at, paid: played.paid, returned });
      return outcome;
    },
    /** Up to `share` thousandths of these lines, all where none is named. */
    giveBack: (id: string, share = 1_000, ...positions: number[]) => {
      const purchase = bought.get(id) as Bought;
      const { events, at, paid, returned } = purchase;
      const worth = () => paid * (1 - Math.max(...returned) / 1_000);
      const paidBefore = worth();
      const lines = returned.flatMap((before, index) => {
        const position = index + 1;
        if (positions.length > 0 && !positions.includes(position)) return [];
        const after = Math.max(before, share);
        returned[index] = after;
        return [{ position, quantity: 1_000, before, after }];
      });
      const outcome = takeBackGames(progress, events, {
        cause: `r${(returns += 1)}`,
        boughtAt: at,
        lines,
        paidBefore,
        paidAfter: worth(),
        complete: returned.every((part) => part === 1_000),
      });
      progress = outcome.progress;
      return outcome;
    },
  };
};

export const types = ({ events }: { readonly events: readonly GameProgressEvent[] }): string[] =>
  events.map(({ type }) => type);
