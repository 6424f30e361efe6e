/**
 * Closes what a batch left open and makes the entries of the settlement. Pure.
 *
 * A redemption puts the issuer of each lot into the debt of whoever took the points. A return takes the same debt back, lot by lot,
 * so that a purchase returned whole leaves nothing, however many returns it took. A claw-back that reaches for points of another
 * merchant is a taking like a redemption: the merchant whose goods came back is made whole by the one who no longer has to honour
 * the points. Points taken by their own issuer are nobody's debt.
 */
import { shareDown, spread } from '../../domain/amount.js';
import type { Position } from '../../domain/fact.js';
import {
  type Entry,
  lotKey,
  type Movement,
  type PointValue,
  programmeItself,
  purchaseKey,
  type Redemption,
  type SettlementChanges,
  type TakenPart,
} from './changes.js';

/** From before the batch; what of it the batch asks for. */
export interface Before {
  /** By purchaseKey. */
  readonly redemptions: ReadonlyMap<string, Redemption>;
  /** Issuers by lotKey, and by purchaseKey for the lots that a purchase made. */
  readonly issuers: ReadonlyMap<string, number>;
  readonly pointValues: readonly PointValue[];
}

export const nothingBefore: Before = {
  redemptions: new Map(),
  issuers: new Map(),
  pointValues: [],
};

export interface Settled {
  readonly entries: readonly Entry[];
  /** As they are after the batch, of every purchase that it touched. */
  readonly redemptions: readonly Redemption[];
}

/** @throws Error where a return gives back points that were never taken. */
export const settle = (changes: SettlementChanges, before: Before): Settled => {
  const issuers = new Map(before.issuers);
  for (const lot of changes.lots) {
    issuers.set(lotKey(lot, lot.lotId), lot.issuer);
    issuers.set(purchaseKey(lot), lot.issuer);
  }
  const pointValues = [...before.pointValues, ...changes.pointValues];
  const touched = new Map<string, Redemption>();
  const entries: Entry[] = [];
  for (const movement of changes.movements) {
    switch (movement.kind) {
      case 'redeemed':
        touched.set(purchaseKey(movement), movement.redemption);
        entries.push(...redeemed(movement, movement.redemption));
        break;
      case 'restored': {
        const key = purchaseKey(movement);
        const known = touched.get(key) ?? before.redemptions.get(key);
        if (!known) throw new Error(`${key} gives points back that it never took: rebuild this.`);
        const { redemption, given } = restore(known, movement);
        touched.set(key, redemption);
        entries.push(...entriesOf(movement, redemption.taker, given));
        break;
      }
      case 'clawedBack': {
        const pointValue = pointValueAt(pointValues, movement.tenant, movement.position);
        entries.push(...clawedBack(movement, issuers, pointValue));
        break;
      }
      case 'giftCard':
        entries.push(...ofGiftCard(movement));
        break;
    }
  }
  return { entries, redemptions: [...touched.values()] };
};

interface Share {
  readonly issuer: number;
  readonly points: number;
  readonly value: number;
}

/** One entry for each issuer but the taker itself. */
const entriesOf = (about: Movement, taker: number, shares: readonly Share[]): Entry[] => {
  const byIssuer = new Map<number, { points: number; value: number }>();
  for (const { issuer, points, value } of shares) {
    if (issuer === taker) continue;
    const sum = byIssuer.get(issuer) ?? { points: 0, value: 0 };
    byIssuer.set(issuer, sum);
    sum.points += points;
    sum.value += value;
  }
  const { tenant, userId, purchaseId, position, occurredAt, kind } = about;
  return [...byIssuer]
    .filter(([, { points }]) => points !== 0)
    .sort(([a], [b]) => a - b)
    .map(([issuer, sum], part) => ({
      tenant,
      userId,
      purchaseId,
      position,
      part,
      occurredAt,
      kind,
      issuer,
      taker,
      ...sum,
    }));
};

/** Who sold the card owes who took it; no points take part. */
const ofGiftCard = (movement: Extract<Movement, { kind: 'giftCard' }>): Entry[] =>
  movement.issuer === movement.taker || movement.value === 0
    ? []
    : [{ ...movement, part: 0, points: 0 }];

const redeemed = (about: Movement, { taker, parts }: Redemption): Entry[] =>
  entriesOf(about, taker, parts);

/** The value of a part follows its points, rounded down over all that came back so far: at the end it is all of it. */
const giveBack = (
  part: TakenPart,
  points: number,
): { readonly part: TakenPart; readonly share: Share } => {
  const restored = part.restored + points;
  const value =
    shareDown(part.value, restored, part.points) -
    shareDown(part.value, part.restored, part.points);
  return {
    part: { ...part, restored },
    share: { issuer: part.issuer, points: -points, value: -value },
  };
};

const restore = (
  redemption: Redemption,
  { lots, repaid }: Extract<Movement, { kind: 'restored' }>,
): { readonly redemption: Redemption; readonly given: readonly Share[] } => {
  const parts = [...redemption.parts];
  const given: Share[] = [];
  const give = (index: number, points: number): void => {
    if (points === 0) return;
    const { part, share } = giveBack(parts[index] as TakenPart, points);
    parts[index] = part;
    given.push(share);
  };
  for (const { lotId, points } of lots) {
    const index = parts.findIndex((part) => part.lotId === lotId);
    if (index < 0) throw new Error(`${purchaseKey(redemption)} never took points of ${lotId}.`);
    give(index, points);
  }
  // What repaid a deficit came from the next lots in the order in which lots come back: the last first.
  let left = repaid;
  for (let index = parts.length - 1; index >= 0 && left > 0; index -= 1) {
    const { points, restored } = parts[index] as TakenPart;
    const share = Math.min(points - restored, left);
    left -= share;
    give(index, share);
  }
  return { redemption: { ...redemption, parts }, given };
};

const clawedBack = (
  movement: Extract<Movement, { kind: 'clawedBack' }>,
  issuers: ReadonlyMap<string, number>,
  pointValue: number,
): Entry[] => {
  const taker = issuers.get(purchaseKey(movement)) ?? programmeItself;
  const foreign = movement.lots
    .map(({ lotId, points }) => ({
      issuer: issuers.get(lotKey(movement, lotId)) ?? programmeItself,
      points,
    }))
    .filter(({ issuer }) => issuer !== taker);
  const points = foreign.map((share) => share.points);
  const total = points.reduce((sum, one) => sum + one, 0);
  const values = spread(shareDown(total, pointValue, 100), points);
  return entriesOf(
    movement,
    taker,
    foreign.map((share, index) => ({ ...share, value: values[index] as number })),
  );
};

/** As the programme's rule said when the log took the fact; nothing before the first rule. */
const pointValueAt = (known: readonly PointValue[], tenant: string, at: Position): number =>
  known.findLast((rule) => rule.tenant === tenant && rule.position < at)?.pointValue ?? 0;
