import { Type } from '@sinclair/typebox';
import { Name } from '../arguments.js';
import { gameReward } from '../reward.js';

const Prize = Type.Object(
  {
    prize: Name,
    chance: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'In a million' }),
  },
  { additionalProperties: false },
);

export const instantWin = gameReward(
  'instant-win',
  'Draws a prize for a known customer: each prize has its chance in a million, the draw is given from outside.',
  { game: Name, prizes: Type.Array(Prize, { minItems: 1, maxItems: 100 }) },
  {
    compile:
      ({ game, prizes }) =>
      ({ facts, draw }) => {
        if (facts.customer === null) return [];
        if (draw === null) return [{ kind: 'instant-win', game, draw, prize: null }];
        let below = 0;
        const won = prizes.find(({ chance }) => {
          below += chance;
          return draw < below;
        });
        return [{ kind: 'instant-win', game, draw, prize: won?.prize ?? null }];
      },
  },
);
