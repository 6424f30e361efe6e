/** Defines a game, or gives one its next version. An instant win commits to its seed here, before the first draw. */
import { Type } from '@sinclair/typebox';
import { GameDefinition, GameName } from '../../domain/game/definition.js';
import { defineGame as decide, game, gameStream } from '../../domain/game/game.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';
import type { Seeds } from '../seeds.js';

const closed = { additionalProperties: false } as const;
export const DefineGameInput = Type.Object(
  { name: GameName, definition: GameDefinition },
  { ...closed, title: 'DefineGame' },
);

export const createDefineGame = (seeds: Seeds) =>
  defineCommand({
    name: 'DefineGame',
    summary: 'Defines a stamp card, a challenge, a streak or an instant win.',
    input: DefineGameInput,
    aggregate: game,
    stream: (input, context) => gameStream(context.tenant, input.name),
    lookUp: async ({ name }, { tenant }, { directory }) => {
      presentTenant(directory, tenant);
      return seeds.of(tenant, 'game', name);
    },
    decide: (input, state, { seedHash }) => decide({ ...input, seedHash }, state),
    answer: ({ events, state, input: { name, definition } }) => {
      const [event] = events;
      const told = event?.type === 'GameDefined' ? event.data : null;
      const known = told ?? (state.status === 'unknown' ? null : state.defined);
      return { name, version: known?.version ?? 1, definition, seedHash: known?.seedHash ?? null };
    },
  });
