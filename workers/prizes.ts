/**
 * Settles what receipts reserved of the prizes of instant wins: won once the account has recorded the draw, released where the
 * receipt never came, returned with the goods.
 *
 * At least once (settling.ts): every command answers one fact and says which, so a repeat decides nothing. What was released and is
 * found in the log after all is taken out of the stock then: nobody's prize is forgotten.
 */
import { releaseOfPrize, returnOfPrize, winOfPrize } from '../commands/game/settlePrize.js';
import type { Fact } from '../domain/fact.js';
import type { GameName } from '../domain/game/definition.js';
import type { GameProgressData } from '../domain/game/events.js';
import { drawKey, type DrawName, type PrizeReservation } from '../domain/game/stock.js';
import type { TenantId, UserId } from '../domain/ids.js';
import { parseStreamName } from '../domain/stream.js';
import { answering, type AnsweringOptions } from './answering.js';
import { createOpenReservations } from './openReservations.js';
import { createSettling, type SettlingWorker } from './settling.js';

const name = 'prizes';

/** What wakes it where it sleeps: without a draw there is nothing to settle. */
export const prizeTriggers = ['PrizeReserved', 'InstantWinDrawn'] as const;

export const createPrizesWorker = (options: AnsweringOptions): SettlingWorker => {
  const { handler } = options;
  const contextOf = answering(name, options.now);
  const open = createOpenReservations((fact) => {
    const { game, reservation } = reservationOf(fact);
    return keyOf(fact.metadata.tenant, game, reservation);
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
    const key = keyOf(tenant, game, drawn);
    if (prize !== null && (open.get(key) || isScarce(tenant, game, prize))) {
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

  const settle = async (fact: Fact): Promise<void> => {
    const { game, reservation } = reservationOf(fact);
    const input = { game, ...reservation, reason: 'the receipt came to nothing' };
    await handler.handle(releaseOfPrize, input, contextOf(fact));
  };

  return createSettling(options, {
    name,
    open,
    settle,
    onlyAbreast: true,
    reserved: ['PrizeReserved'],
    answered: ['InstantWinDrawn', 'InstantWinTakenBack'],
    react: (fact) => (fact.type === 'InstantWinDrawn' ? win(fact) : giveBack(fact)),
  });
};

/** On the stock of its game. */
const reservationOf = ({ stream, data }: Fact) => ({
  game: (parseStreamName(stream)?.id ?? '') as GameName,
  reservation: data as PrizeReservation,
});

const keyOf = (tenant: TenantId, game: GameName, draw: DrawName): string =>
  `${tenant} ${game} ${drawKey(draw)}`;
