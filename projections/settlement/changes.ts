/**
 * What a batch of facts changes between the merchants of a coalition.
 *
 * Some of it stays open until it is written: a restoration does not name who had taken the points, a claw-back not who had issued
 * them, so both are closed by settle.ts with what was known before the batch.
 */
import type { LotPart, LotShare } from '../../domain/account/events.js';
import type { Position } from '../../domain/fact.js';
import type { TimeZone } from '../timeZones.js';

/** Points that nobody in the coalition issued: given by hand, they are the programme's own. */
export const programmeItself = 0;

/** Part of a redemption: points of one lot and the money that they paid. */
export interface TakenPart {
  readonly lotId: string;
  readonly issuer: number;
  readonly points: number;
  readonly value: number;
  /** Of the points, what returns gave back. */
  readonly restored: number;
}

/** Names one purchase of one customer. */
export interface PurchaseKey {
  readonly tenant: string;
  readonly userId: string;
  readonly purchaseId: string;
}

export interface Redemption extends PurchaseKey {
  readonly taker: number;
  readonly parts: readonly TakenPart[];
}

export interface IssuedLot extends PurchaseKey {
  readonly lotId: string;
  readonly issuer: number;
}

export interface PointValue {
  readonly tenant: string;
  readonly position: Position;
  /** Minor units that one point pays. */
  readonly pointValue: number;
}

export type EntryKind = 'redeemed' | 'restored' | 'clawedBack' | 'giftCard';

/** The issuer owes the taker `value` minor units more, or less where it is negative. Points are hundredths. */
export interface Entry extends PurchaseKey {
  readonly position: Position;
  /** Among the entries of its fact, from 0. */
  readonly part: number;
  readonly occurredAt: number;
  readonly kind: EntryKind;
  readonly issuer: number;
  readonly taker: number;
  readonly points: number;
  readonly value: number;
}

interface Happened extends PurchaseKey {
  readonly position: Position;
  readonly occurredAt: number;
}

/** In the order of the log. */
export type Movement =
  | (Happened & { readonly kind: 'redeemed'; readonly redemption: Redemption })
  | (Happened & {
      readonly kind: 'restored';
      readonly lots: readonly LotPart[];
      /** Restored points that went to a deficit; their lots are not named. */
      readonly repaid: number;
    })
  | (Happened & { readonly kind: 'clawedBack'; readonly lots: readonly LotShare[] })
  | (Happened & {
      readonly kind: 'giftCard';
      readonly issuer: number;
      readonly taker: number;
      /** Minor units that the card paid; less than nothing where they went back onto it. */
      readonly value: number;
    });

export interface SettlementChanges {
  readonly timeZones: readonly TimeZone[];
  readonly pointValues: readonly PointValue[];
  readonly lots: readonly IssuedLot[];
  readonly movements: readonly Movement[];
}

export const purchaseKey = ({ tenant, userId, purchaseId }: PurchaseKey): string =>
  `${tenant}/${userId}/${purchaseId}`;

export const lotKey = ({ tenant, userId }: Omit<PurchaseKey, 'purchaseId'>, lotId: string) =>
  `${tenant}/${userId}/${lotId}`;
