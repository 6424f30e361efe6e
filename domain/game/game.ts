/**
 * A game of the programme by its name. Invariants: its kind never changes; versions count from 1 without a gap and never change,
 * so that a completed card can say for ever by which rules. An instant win commits to its seed before the first draw: the hash is
 * part of the first definition, the seed is revealed when the game ends.
 */
import { Type } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import type { TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { isSameData } from '../sameData.js';
import { streamName } from '../stream.js';
import { GameDefinition, GameName } from './definition.js';

export const gameStream = (tenant: TenantId, name: GameName) => streamName('game', tenant, name);

const Hex256 = Type.String({ pattern: '^[0-9a-f]{64}$' });

// These names are the storage format: proof-read, version with care.
export const GameDefined = event('GameDefined', {
  name: GameName,
  version: Type.Integer({ minimum: 1 }),
  definition: GameDefinition,
  /** SHA-256 of the seed, hex: of an instant win. */
  seedHash: Type.Optional(Hex256),
});
export const GameEnded = event('GameEnded', {
  reason: Type.String({ maxLength: 500 }),
  seed: Type.Optional(Hex256),
});

export const gameEvents = [GameDefined, GameEnded] as const;
export type GameEvent = EventOf<(typeof gameEvents)[number]>;

type Defined = EventOf<typeof GameDefined>['data'];
export type GameState =
  | { readonly status: 'unknown' }
  | { readonly status: 'played'; readonly defined: Defined }
  | { readonly status: 'ended'; readonly defined: Defined };

export const game: Aggregate<GameState, GameEvent> = {
  category: 'game',
  initial: () => ({ status: 'unknown' }),
  evolve: (state, event) => {
    switch (event.type) {
      case 'GameDefined':
        return { status: 'played', defined: event.data };
      case 'GameEnded':
        return state.status === 'unknown' ? state : { ...state, status: 'ended' };
      default:
        return unreachable(event);
    }
  },
};

/**
 * `seedHash` is that of the seed that belongs to the game's name.
 * @throws Rejected game-ended, already-registered for another kind, chances-exceed-certainty, prize-repeated, ends-before-it-begins
 */
export const defineGame = (
  command: {
    readonly name: GameName;
    readonly definition: GameDefinition;
    readonly seedHash: string;
  },
  state: GameState,
): GameEvent[] => {
  const { name, definition, seedHash } = command;
  if (state.status === 'ended') throw rejected('game-ended', { name });
  assertPlayable(definition);
  const known = state.status === 'played' ? state.defined : null;
  if (known && known.definition.kind !== definition.kind) {
    throw rejected('already-registered', { name, kind: known.definition.kind });
  }
  if (known && isSameData(known.definition, definition)) return []; // already carried out
  const version = (known?.version ?? 0) + 1;
  const committed = definition.kind === 'instantWin' ? { seedHash } : {};
  return [{ type: 'GameDefined', data: { name, version, definition, ...committed } }];
};

/** `seed` is revealed where the game had committed to it. @throws Rejected game-not-found */
export const endGame = (
  {
    name,
    reason,
    seed,
  }: { readonly name: GameName; readonly reason: string; readonly seed: string },
  state: GameState,
): GameEvent[] => {
  if (state.status === 'unknown') throw rejected('game-not-found', { name });
  if (state.status === 'ended') return []; // already carried out
  const revealed = state.defined.seedHash === undefined ? {} : { seed };
  return [{ type: 'GameEnded', data: { reason, ...revealed } }];
};

const assertPlayable = (definition: GameDefinition): void => {
  if (definition.kind === 'instantWin') {
    const chances = definition.prizes.reduce((sum, { chance }) => sum + chance, 0);
    const names = new Set(definition.prizes.map(({ prize }) => prize));
    if (chances > 1_000_000) throw rejected('chances-exceed-certainty', { chances });
    if (names.size < definition.prizes.length) throw rejected('prize-repeated');
  }
  if (definition.kind === 'challenge' && definition.window.kind === 'dates') {
    const { from, until } = definition.window;
    if (until < from) throw rejected('ends-before-it-begins', { from, until });
  }
};
