import type { GameDefinition, GameName } from '../../../domain/game/definition.js';
import { defineGame, endGame, game } from '../../../domain/game/game.js';
import { specification } from '../registry/spec.js';

const given = specification(game);
const name = 'scratch' as GameName;
const seed = 'cd'.repeat(32);
const seedHash = 'ab'.repeat(32);
const win = (chance: number, ...prizes: string[]): GameDefinition => ({
  kind: 'instantWin',
  prizes: prizes.map((prize) => ({ prize, chance, stock: null, reward: null })),
});
const card: GameDefinition = {
  kind: 'stampCard',
  goal: 10,
  validDays: null,
  reward: { kind: 'points', points: 100 },
};
const define = (definition: GameDefinition) => (state: Parameters<typeof defineGame>[1]) =>
  defineGame({ name, definition, seedHash }, state);
const end = (state: Parameters<typeof endGame>[1]) =>
  endGame({ name, reason: 'over', seed }, state);
const defined = (definition: GameDefinition, version = 1, hash = true) =>
  ({
    type: 'GameDefined',
    data: { name, version, definition, ...(hash ? { seedHash } : {}) },
  }) as const;

describe('a game', () => {
  it('is defined, and a change is a version of its own', () => {
    given()
      .when(define(card))
      .then(defined(card, 1, false));
    given(defined(card, 1, false))
      .when(define({ ...card, goal: 5 }))
      .then(defined({ ...card, goal: 5 }, 2, false));
    given(defined(card, 1, false))
      .when(define(structuredClone(card)))
      .thenNothing();
  });

  it('commits to its seed before the first draw, and reveals it at the end', () => {
    given()
      .when(define(win(1, 'a')))
      .then(defined(win(1, 'a')));
    given(defined(win(1, 'a')))
      .when(end)
      .then({ type: 'GameEnded', data: { reason: 'over', seed } });
    given(defined(card, 1, false))
      .when(end)
      .then({ type: 'GameEnded', data: { reason: 'over' } });
  });

  it('does not come back once it has ended, nor becomes another kind', () => {
    const ended = { type: 'GameEnded', data: { reason: 'over' } } as const;
    given(defined(card, 1, false), ended)
      .when(define(card))
      .thenRejected('game-ended');
    given(defined(card, 1, false), ended)
      .when(end)
      .thenNothing();
    given(defined(card, 1, false))
      .when(define(win(1, 'a')))
      .thenRejected('already-registered');
    given().when(end).thenRejected('game-not-found');
  });

  it('refuses chances over certainty, prizes named twice, and an end before its beginning', () => {
    given()
      .when(define(win(500_001, 'a', 'b')))
      .thenRejected('chances-exceed-certainty');
    given()
      .when(define(win(1, 'a', 'a')))
      .thenRejected('prize-repeated');
    const window = { kind: 'dates', from: '2026-03-02', until: '2026-03-01' } as const;
    const { reward } = card;
    given()
      .when(define({ kind: 'challenge', unit: 'unit', goal: 1, window, reward }))
      .thenRejected('ends-before-it-begins');
  });
});
