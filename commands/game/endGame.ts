/** Ends a game for good. What customers won stays; the seed of an instant win is revealed, so that every draw can be checked. */
import { Type } from '@sinclair/typebox';
import { GameName } from '../../domain/game/definition.js';
import { endGame as decide, game, gameStream } from '../../domain/game/game.js';
import { defineCommand } from '../command.js';
import type { Seeds } from '../seeds.js';

export const createEndGame = (seeds: Seeds) =>
  defineCommand({
    name: 'EndGame',
    summary: 'Ends a game; the seed of an instant win is revealed.',
    input: Type.Object(
      { name: GameName, reason: Type.String({ minLength: 1, maxLength: 500 }) },
      { additionalProperties: false, title: 'EndGame' },
    ),
    aggregate: game,
    stream: (input, context) => gameStream(context.tenant, input.name),
    lookUp: async ({ name }, { tenant }) => seeds.of(tenant, 'game', name),
    decide: (input, state, { seed }) => decide({ ...input, seed }, state),
    answer: ({ input }) => ({ name: input.name }),
  });
