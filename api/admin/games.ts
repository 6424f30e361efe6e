/** /admin/v1/games: stamp cards, challenges, streaks and instant wins. */
import { Type } from '@sinclair/typebox';
import type { GameRecord } from '../../commands/games.js';
import { createDefineGame } from '../../commands/game/defineGame.js';
import { createEndGame } from '../../commands/game/endGame.js';
import type { Seeds } from '../../commands/seeds.js';
import { GameDefinition, GameName } from '../../domain/game/definition.js';
import { GameDefined } from '../../domain/game/game.js';
import { rejected } from '../../domain/rejected.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { contextOf, done, type Registry, wholeTenant } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { stepRoute } from './stepRoute.js';

export interface GameRoutes extends Registry {
  readonly seeds: Seeds;
}

const hash = Type.Union([Type.String(), Type.Null()], {
  description: 'SHA-256 of the seed of an instant win, published before the first draw',
});
const defined = {
  name: GameName,
  version: GameDefined.schema.properties.version,
  definition: GameDefinition,
  seedHash: hash,
} as const;
const Defined = Type.Object(defined, { title: 'DefinedGame' });
const Game = Type.Object(
  {
    ...defined,
    status: Type.Union([Type.Literal('played'), Type.Literal('ended')]),
    seed: Type.Union([Type.String(), Type.Null()], {
      description: 'Of an instant win that has ended: every draw can be checked with it',
    }),
  },
  { title: 'Game' },
);
const shown = ({ name, version, definition, seedHash, status, seed }: GameRecord) => ({
  name,
  version,
  definition,
  seedHash,
  status,
  seed,
});

const tags = ['Games'] as const;

const examples = [
  {
    summary: 'The tenth coffee is free',
    value: {
      definition: {
        kind: 'stampCard',
        title: 'Coffee card',
        goal: 10,
        validDays: 180,
        reward: { kind: 'gift', productIds: ['COFFEE'], units: 1 },
      },
    },
  },
  {
    summary: 'Fruit for 30.00 in a week',
    value: {
      definition: {
        kind: 'challenge',
        unit: 'amount',
        goal: 3_000,
        window: { kind: 'each', period: 'week' },
        reward: { kind: 'points', points: 50_000, lifetimeDays: 30 },
      },
    },
  },
  {
    summary: 'Four weeks in a row',
    value: {
      definition: {
        kind: 'streak',
        period: 'week',
        length: 4,
        minimum: 1_000,
        repeats: true,
        reward: { kind: 'coupon', series: 'next_time', quantity: 1 },
      },
    },
  },
  {
    summary: 'Scratch and win',
    value: {
      definition: {
        kind: 'instantWin',
        prizes: [
          { prize: 'a bicycle', chance: 1, stock: null, reward: null },
          { prize: 'a mug', chance: 10_000, stock: null, reward: { kind: 'points', points: 500 } },
        ],
      },
    },
  },
];

export const gameRoutes = ({ handler, seeds }: GameRoutes): Route[] => {
  const defineGame = createDefineGame(seeds);
  const endGame = createEndGame(seeds);
  return [
    route({
      method: 'GET',
      path: '/admin/v1/games',
      summary: 'Lists the games, ended ones too.',
      tags,
      access: readersOnly,
      query: pageQuery,
      response: pageOf(Game),
      handle: ({ caller, query }) => ({
        body: page(handler.directory.games.list(caller.tenant), ({ name }) => name, query, shown),
      }),
    }),
    route({
      method: 'GET',
      path: '/admin/v1/games/{name}',
      summary: 'Shows a game.',
      tags,
      access: readersOnly,
      params: { name: GameName },
      response: Game,
      problems: ['game-not-found'],
      handle: ({ caller, params: { name } }) => {
        const record = handler.directory.games.get(caller.tenant, name);
        if (!record) throw rejected('game-not-found', { name });
        return { body: shown(record) };
      },
    }),
    route({
      method: 'PUT',
      path: '/admin/v1/games/{name}',
      summary: 'Defines a game, or gives it its next version.',
      description:
        'What customers have collected stays and is judged by the new version from their next purchase on. The kind of a game never changes.',
      tags,
      access: editorsOnly,
      params: { name: GameName },
      body: Type.Object({ definition: GameDefinition }, { additionalProperties: false }),
      idempotencyKey: 'optional',
      command: 'DefineGame',
      response: Defined,
      problems: [
        'already-registered',
        'game-ended',
        'chances-exceed-certainty',
        'prize-repeated',
        'ends-before-it-begins',
      ],
      examples: { body: examples },
      handle: async (request) => {
        wholeTenant(request);
        const input = { ...request.params, ...request.body };
        return done(await handler.handle(defineGame, input, contextOf(request)));
      },
    }),
    stepRoute(handler, {
      path: '/admin/v1/games/{name}/ending',
      summary: 'Ends a game for good; the seed of an instant win is revealed.',
      tags,
      access: editorsOnly,
      params: { name: GameName },
      command: endGame,
      response: Type.Object({ name: GameName }),
      problems: ['game-not-found'],
    }),
  ];
};
