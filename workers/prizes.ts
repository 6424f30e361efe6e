/**
 * Settles what receipts reserved of the prizes of instant wins: won once the account has recorded the draw, released where the
 * receipt never came, returned with the goods.
 *
 * At least once, in the order of the log: every command answers one fact and says which, so a repeat decides nothing. The position
 * that is kept lies before the oldest reservation still open, so a restart finds it again. What was released and is found in the log
 * after all is taken out of the stock then: nobody's prize is forgotten.
 */
import type { CommandContext } from '../commands/command.js';
import { releaseOfPrize, returnOfPrize, winOfPrize } from '../commands/game/settlePrize.js';
import type { Handler } from '../commands/handle.js';
import type { Fact, Position } from '../domain/fact.js';
import type { GameName } from '../domain/game/definition.js';
import type { GameProgressData } from '../domain/game/events.js';
import { drawKey, type PrizeReservation } from '../domain/game/stock.js';
import type { TenantId, UserId } from '../domain/ids.js';
import { parseStreamName } from '../domain/stream.js';
import type { Feed } from '../projections/feed.js';
import type { Checkpoints } from './checkpoints.js';
import { createFollowing } from './following.js';
import { carryOut } from './persevere.js';

/** An append has a deadline of seconds: a receipt that is not recorded by then never will be. */
const recordedWithinMs = 120_000;
const name = 'prizes';

/** What wakes it where it sleeps: without a draw there is nothing to settle. */
export const prizeTriggers = ['PrizeReserved', 'InstantWinDrawn'] as const;

interface Open {
  readonly fact: Fact;
  readonly game: GameName;
  readonly reservation: PrizeReservation;
  /** Of the fact before it: where a restart has to begin to see it again. */
  readonly before: Position | null;
}

export interface PrizesWorker {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Releases what is overdue as of now; `run` does it every 5 s. */
  sweep(signal: AbortSignal): Promise<void>;
  readonly open: () => number;
}

export const createPrizesWorker = (options: {
  readonly feed: Feed;
  readonly handler: Handler;
  readonly checkpoints: Checkpoints;
  readonly now: () => number;
  /** The log or the database did not answer: it is tried again. */
  readonly onFailed: (error: unknown) => void;
}): PrizesWorker => {
  const { feed, handler, now, onFailed } = options;
  /** In the order they were met in. */
  const open = new Map<string, Open>();
  /** Everything that the log has handed out is done: what is not there by its time will not come. */
  let abreast = false;

  const contextOf = ({ id, metadata }: Fact): CommandContext => ({
    tenant: metadata.tenant,
    actor: { kind: 'worker', id: name },
    now: now(),
    idempotencyKey: `${name} ${id}`,
    correlationId: metadata.correlationId,
    causationId: id,
  });

  /** Whether there are only so many, as the game is defined now. */
  const isScarce = (tenant: TenantId, game: GameName, prize: string): boolean => {
    const record = handler.directory.games.get(tenant, game);
    // It was defined before it was played: the directory is about to hear of it.
    if (!record) throw new Error(`the game ${game} is not known yet`);
    const { definition } = record;
    if (definition.kind !== 'instantWin') return false;
    return (definition.prizes.find((one) => one.prize === prize)?.stock ?? null) !== null;
  };

  const factAnswered = ({ position, revision }: Fact) => ({ place: String(position), revision });
  const customerOf = ({ stream }: Fact) => (parseStreamName(stream)?.id ?? '') as UserId;

  const win = async (fact: Fact): Promise<void> => {
    const { game, prize, purchaseId, draw } = fact.data as GameProgressData<'InstantWinDrawn'>;
    const { tenant } = fact.metadata;
    const drawn = { userId: customerOf(fact), purchaseId, draw };
    const key = `${tenant} ${game} ${drawKey(drawn)}`;
    if (prize !== null && (open.has(key) || isScarce(tenant, game, prize))) {
      const input = { game, ...drawn, prize, answers: factAnswered(fact) };
      await handler.handle(winOfPrize, input, contextOf(fact));
      open.delete(key);
    }
  };

  const giveBack = async (fact: Fact): Promise<void> => {
    const { game, prize, purchaseId, cause } = fact.data as GameProgressData<'InstantWinTakenBack'>;
    if (!isScarce(fact.metadata.tenant, game, prize)) return;
    const returned = { userId: customerOf(fact), purchaseId, prize, cause };
    const input = { game, ...returned, answers: factAnswered(fact) };
    await handler.handle(returnOfPrize, input, contextOf(fact));
  };

  const note = (fact: Fact): void => {
    const reservation = fact.data as PrizeReservation;
    const game = (parseStreamName(fact.stream)?.id ?? '') as GameName;
    const key = `${fact.metadata.tenant} ${game} ${drawKey(reservation)}`;
    open.delete(key); // one made anew moves to the end
    open.set(key, { fact, game, reservation, before: following.processed() });
  };

  const sweep = async (signal: AbortSignal): Promise<void> => {
    for (const [key, one] of open) {
      const { fact, game, reservation } = one;
      if (!abreast || signal.aborted || fact.recordedAt + recordedWithinMs > now()) return;
      const input = { game, ...reservation, reason: 'the receipt came to nothing' };
      const release = async () => {
        await handler.handle(releaseOfPrize, input, contextOf(fact));
      };
      await carryOut(release, signal, onFailed);
      if (open.get(key) === one) open.delete(key);
    }
  };

  const take = async (fact: Fact, signal: AbortSignal): Promise<void> => {
    const wasAbreast = abreast;
    abreast = false;
    if (fact.type === 'PrizeReserved') note(fact);
    else if (fact.type === 'InstantWinDrawn') await carryOut(() => win(fact), signal, onFailed);
    else await carryOut(() => giveBack(fact), signal, onFailed);
    abreast = wasAbreast;
  };

  const following = createFollowing({
    ...{ name, feed, checkpoints: options.checkpoints, now, onFailed, take, sweep },
    eventTypes: [...prizeTriggers, 'InstantWinTakenBack'],
    resumeFrom: (processed) => {
      const [oldest] = open.values();
      return oldest ? oldest.before : processed;
    },
    onStart: () => (abreast = false),
    onCaughtUp: () => (abreast = true),
  });

  return { run: following.run, sweep, open: () => open.size };
};
