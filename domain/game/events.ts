/**
 * What purchases and returns do to a customer's games. These events are part of the account's stream: a purchase and the stamps
 * it brings are one append. Each says what a return needs to take it back, so no rule is asked a second time.
 *
 * These names are the storage format: proof-read, version with care.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Money } from '../amount.js';
import { event, type EventOf } from '../event.js';
import { PurchaseId } from '../ids.js';
import { Name } from '../pricing/arguments.js';
import { PrizeDraw } from '../pricing/effects.js';
import { GameName, GameReward, Period } from './definition.js';

const closed = { additionalProperties: false } as const;
const Count = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 });
const Instant = Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch, UTC' });
const Cause = Type.String({ maxLength: 80, description: "The return's id, or the purchase's" });
const version = Type.Integer({ minimum: 1, description: 'Of the definition' });
/** Counted from 1. */
const round = Type.Integer({ minimum: 1 });
/** The first day of the period, by the merchant's calendar: 2026-03-02 is the week that began then. */
const PeriodKey = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' });

/** What each line contributed, so that returning it takes back just that. */
export const Parts = Type.Array(
  Type.Object({ position: Type.Integer({ minimum: 1 }), count: Count }, closed),
  { maxItems: 2_000 },
);
export type Parts = Static<typeof Parts>;

export const StampsCollected = event('StampsCollected', {
  purchaseId: PurchaseId,
  card: GameName,
  stamps: Count,
  parts: Parts,
  at: Instant,
});
/** Too old to be completed: the stamps of the card that had been begun are void. */
export const StampsExpired = event('StampsExpired', { card: GameName, stamps: Count, at: Instant });
export const StampCardCompleted = event('StampCardCompleted', {
  purchaseId: PurchaseId,
  card: GameName,
  version,
  round,
  /** Stamps that the card took. */
  goal: Count,
  reward: GameReward,
});
export const StampsTakenBack = event('StampsTakenBack', {
  purchaseId: PurchaseId,
  cause: Cause,
  card: GameName,
  stamps: Count,
});
/** A return left the card without the stamps that had completed it: what it gave is taken back. */
export const StampCardReopened = event('StampCardReopened', {
  /** That completed it. */
  purchaseId: PurchaseId,
  cause: Cause,
  card: GameName,
  round,
  goal: Count,
  reward: GameReward,
});

export const ChallengeAdvanced = event('ChallengeAdvanced', {
  purchaseId: PurchaseId,
  challenge: GameName,
  period: PeriodKey,
  progress: Count,
  parts: Parts,
});
export const ChallengeCompleted = event('ChallengeCompleted', {
  purchaseId: PurchaseId,
  challenge: GameName,
  version,
  period: PeriodKey,
  goal: Count,
  reward: GameReward,
});
export const ChallengeSetBack = event('ChallengeSetBack', {
  purchaseId: PurchaseId,
  cause: Cause,
  challenge: GameName,
  period: PeriodKey,
  progress: Count,
});
export const ChallengeReopened = event('ChallengeReopened', {
  purchaseId: PurchaseId,
  cause: Cause,
  challenge: GameName,
  period: PeriodKey,
  reward: GameReward,
});

/** A purchase counts for a period. `length`: periods one after another, this one included. */
export const StreakExtended = event('StreakExtended', {
  purchaseId: PurchaseId,
  streak: GameName,
  every: Period,
  period: PeriodKey,
  length: Count,
  /** Minor units that the purchase had to be worth: below that, a return sets the streak back. */
  minimum: Money,
});
/** A period went by without a purchase. */
export const StreakBroken = event('StreakBroken', { streak: GameName, length: Count });
export const StreakCompleted = event('StreakCompleted', {
  purchaseId: PurchaseId,
  streak: GameName,
  version,
  period: PeriodKey,
  length: Count,
  reward: GameReward,
});
export const StreakSetBack = event('StreakSetBack', {
  purchaseId: PurchaseId,
  cause: Cause,
  streak: GameName,
  period: PeriodKey,
});
export const StreakReopened = event('StreakReopened', {
  purchaseId: PurchaseId,
  cause: Cause,
  streak: GameName,
  period: PeriodKey,
  reward: GameReward,
});

/** A draw, won or lost. `prize` is null where nothing was won; `gone` names what would have been won, had there been any left. */
export const InstantWinDrawn = event('InstantWinDrawn', {
  purchaseId: PurchaseId,
  game: GameName,
  version,
  draw: PrizeDraw,
  prize: Type.Union([Name, Type.Null()]),
  gone: Type.Optional(Name),
  reward: Type.Union([GameReward, Type.Null()]),
});
export const InstantWinTakenBack = event('InstantWinTakenBack', {
  purchaseId: PurchaseId,
  cause: Cause,
  game: GameName,
  prize: Name,
  reward: Type.Union([GameReward, Type.Null()]),
});

export const gameProgressEvents = [
  StampsCollected,
  StampsExpired,
  StampCardCompleted,
  StampsTakenBack,
  StampCardReopened,
  ChallengeAdvanced,
  ChallengeCompleted,
  ChallengeSetBack,
  ChallengeReopened,
  StreakExtended,
  StreakBroken,
  StreakCompleted,
  StreakSetBack,
  StreakReopened,
  InstantWinDrawn,
  InstantWinTakenBack,
] as const;
export type GameProgressEvent = EventOf<(typeof gameProgressEvents)[number]>;
export type GameProgressData<Type extends GameProgressEvent['type']> = Extract<
  GameProgressEvent,
  { type: Type }
>['data'];
