/**
 * The games of every tenant as decisions look them up: what can be played now, and what was ever defined. A part of the
 * directory; there are few games, so all of them are kept, ended ones too: "has ended" and "never was" are different answers.
 */
import type { GameName } from '../domain/game/definition.js';
import { type GameEvent, gameEvents } from '../domain/game/game.js';
import type { Game, GameSet } from '../domain/game/turn.js';
import { unreachable } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import type { TenantId } from '../domain/ids.js';
import type { Campaign } from '../domain/pricing/campaign.js';
import { parseStreamName } from '../domain/stream.js';
import type { DirectoryPart } from './directoryPart.js';
import { type DrawnReceipt, instantDraws, type InstantDraws } from './game/instantDraws.js';
import { noSeeds, type Seeds } from './seeds.js';

export interface GameRecord extends Game {
  readonly status: 'played' | 'ended';
  /** Of an instant win; the seed once the game has ended. */
  readonly seedHash: string | null;
  readonly seed: string | null;
}

export interface Games extends DirectoryPart {
  /** What can be played; the same object until a game changes. */
  of(tenant: TenantId): GameSet;
  get(tenant: TenantId, name: string): GameRecord | undefined;
  list(tenant: TenantId): Iterable<GameRecord>;
  /** The numbers of a receipt, by campaign id, for `price`: of the games' committed seeds. At once where nothing is drawn. */
  draws(
    campaigns: readonly Pick<Campaign, 'campaignId' | 'rewards'>[],
    receipt: DrawnReceipt,
  ): InstantDraws | Promise<InstantDraws>;
}

interface Shelf {
  readonly records: Map<string, GameRecord>;
  /** Made when it is asked for, and again after a game has changed. */
  set: GameSet | null;
}

const none: GameSet = { get: () => undefined, streaks: [] };

const setOf = ({ records }: Shelf): GameSet => {
  const played = new Map([...records].filter(([, { status }]) => status === 'played'));
  return {
    get: (name) => played.get(name),
    streaks: [...played.values()].filter(({ definition }) => definition.kind === 'streak'),
  };
};

/** `seeds` are needed where instant wins are drawn. */
export const createGames = (seeds: Seeds = noSeeds): Games => {
  const shelves = new Map<TenantId, Shelf>();
  return {
    eventTypes: new Set(gameEvents.map(({ type }) => type)),
    apply: (fact) => {
      const { tenant } = fact.metadata;
      const shelf = shelves.get(tenant) ?? { records: new Map(), set: null };
      shelves.set(tenant, shelf);
      file(shelf, fact);
    },
    of: (tenant) => {
      const shelf = shelves.get(tenant);
      return shelf ? (shelf.set ??= setOf(shelf)) : none;
    },
    get: (tenant, name) => shelves.get(tenant)?.records.get(name),
    list: (tenant) => shelves.get(tenant)?.records.values() ?? [],
    draws: (campaigns, receipt) => instantDraws(seeds, campaigns, receipt),
  };
};

const file = (shelf: Shelf, fact: Fact): void => {
  const event = { type: fact.type, data: fact.data } as GameEvent;
  const { records } = shelf;
  switch (event.type) {
    case 'GameDefined': {
      shelf.set = null;
      const { name, version, definition, seedHash = null } = event.data;
      records.set(name, { name, version, definition, status: 'played', seedHash, seed: null });
      return;
    }
    case 'GameEnded': {
      shelf.set = null;
      const name = (parseStreamName(fact.stream)?.id ?? '') as GameName;
      const record = records.get(name);
      const { seed = null } = event.data;
      if (record) records.set(name, { ...record, status: 'ended', seed });
      return;
    }
    default:
      return unreachable(event);
  }
};
