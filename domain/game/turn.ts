/**
 * A turn at the games: what a purchase brings to them, and what comes of it, event by event.
 */
import type { PurchaseId } from '../ids.js';
import type { Effect } from '../pricing/effects.js';
import type { GameDefinition, GameName, GameReward } from './definition.js';
import type { GameProgressEvent } from './events.js';
import { evolveProgress, type GameProgress } from './progress.js';

/** A game as it is defined now. */
export interface Game<Definition extends GameDefinition = GameDefinition> {
  readonly name: GameName;
  readonly version: number;
  readonly definition: Definition;
}

/** The games that can be played; one that has ended is not among them. */
export interface GameSet {
  get(name: string): Game | undefined;
  readonly streaks: readonly Game[];
  /** How many are left of a prize; there is always more where this is left out. */
  readonly left?: (game: GameName, prize: string) => number;
}

export interface Played {
  readonly purchaseId: PurchaseId;
  /** Milliseconds: as of when the receipt is decided. */
  readonly at: number;
  /** By the merchant's calendar, YYYY-MM-DD. */
  readonly date: string;
  /** Minor units that the customer pays in money or points. */
  readonly paid: number;
  /** Of all campaigns that applied, in the order of their turns. */
  readonly effects: readonly Effect[];
}

/** Something that a game gives or takes back, for the account to carry out. */
export interface RewardDue {
  /** Of the purchase that earned it. */
  readonly purchaseId: PurchaseId;
  readonly game: GameName;
  /** Tells rewards of one purchase and game apart: the round of a card, the period, the number drawn. */
  readonly which: string;
  readonly reward: GameReward;
}

export interface Outcome {
  readonly events: GameProgressEvent[];
  readonly rewards: RewardDue[];
  /** After the events. */
  readonly progress: GameProgress;
}

export interface Turn {
  readonly events: GameProgressEvent[];
  readonly rewards: RewardDue[];
  progress: GameProgress;
  add(event: GameProgressEvent): void;
}

export const openTurn = (progress: GameProgress): Turn => ({
  events: [],
  rewards: [],
  progress,
  add(event) {
    this.events.push(event);
    this.progress = evolveProgress(this.progress, event);
  },
});
