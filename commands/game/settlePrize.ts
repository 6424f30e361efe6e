/**
 * What becomes of a reserved prize: won as the account recorded it, released where it never was, returned with the goods. Issued by
 * the worker alone (workers/prizes.ts), each for one fact of the log.
 */
import { Type } from '@sinclair/typebox';
import { GameName } from '../../domain/game/definition.js';
import {
  PrizeReleased,
  PrizeReserved,
  PrizeReturned,
  PrizeWon,
  releasePrize,
  returnPrize,
  stock,
  stockStream,
  winPrize,
} from '../../domain/game/stock.js';
import { defineCommand } from '../command.js';

const closed = { additionalProperties: false } as const;
const game = GameName;

export const winOfPrize = defineCommand({
  name: 'WinPrize',
  summary: 'Takes a prize that an account recorded out of the stock.',
  input: Type.Object({ game, ...PrizeWon.schema.properties }, closed),
  aggregate: stock,
  stream: (input, context) => stockStream(context.tenant, input.game),
  lookUp: () => undefined,
  decide: ({ game: _game, ...won }, state) => winPrize(won, state),
  answer: () => null,
});

export const releaseOfPrize = defineCommand({
  name: 'ReleasePrize',
  summary: 'Frees a prize that was reserved for a receipt that came to nothing.',
  input: Type.Object(
    { game, ...PrizeReserved.schema.properties, reason: PrizeReleased.schema.properties.reason },
    closed,
  ),
  aggregate: stock,
  stream: (input, context) => stockStream(context.tenant, input.game),
  lookUp: () => undefined,
  decide: (input, state) => releasePrize(input, state),
  answer: () => null,
});

export const returnOfPrize = defineCommand({
  name: 'ReturnPrize',
  summary: 'Puts a prize back into the stock whose purchase was returned.',
  input: Type.Object({ game, ...PrizeReturned.schema.properties }, closed),
  aggregate: stock,
  stream: (input, context) => stockStream(context.tenant, input.game),
  lookUp: () => undefined,
  decide: ({ game: _game, ...returned }, state) => returnPrize(returned, state),
  answer: () => null,
});
