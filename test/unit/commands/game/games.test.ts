import { expect } from 'chai';
import { createGames } from '../../../../commands/games.js';
import type { Fact } from '../../../../domain/fact.js';
import type { GameName } from '../../../../domain/game/definition.js';
import { demo } from '../house.js';

const scratch = 'scratch' as GameName;
const fact = (type: string, data: object, stream = `game-${demo}.scratch`): Fact =>
  ({ type, data, stream, metadata: { tenant: demo } }) as unknown as Fact;
const prizes = [{ prize: 'a bicycle', chance: 1, stock: 2, reward: null }];
const defined = fact('GameDefined', {
  ...{ name: scratch, version: 1, seedHash: 'ab' },
  definition: { kind: 'instantWin', prizes },
});
describe('the games in memory', () => {
  const gamesAfter = (...facts: Fact[]) => {
    const games = createGames();
    for (const one of facts) games.apply(one);
    return games;
  };
  it('are not played once they have ended, but still known', () => {
    const games = gamesAfter(defined, fact('GameEnded', { reason: 'over', seed: 'cd' }));
    expect(games.of(demo).get(scratch)).to.equal(undefined);
    expect(games.get(demo, scratch)).to.include({ status: 'ended', seed: 'cd' });
    expect([...games.list(demo)]).to.have.length(1);
  });
});
