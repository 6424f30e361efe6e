/** From facts of accounts to what merchants owe each other. Pure; see changes.ts for what stays open. */
import type { AccountEvent, LotPart } from '../../domain/account/events.js';
import { spread } from '../../domain/amount.js';
import type { Fact } from '../../domain/fact.js';
import type { GiftCardEvent } from '../../domain/giftCard/events.js';
import type { MerchantEvent } from '../../domain/merchant/merchant.js';
import type { ProgrammeEvent } from '../../domain/programme/programme.js';
import { type FactOf, occurredAtOf, ownerOf, typed } from '../facts.js';
import {
  type IssuedLot,
  type Movement,
  type PointValue,
  programmeItself,
  type SettlementChanges,
  type TakenPart,
} from './changes.js';

type Settled = Extract<
  AccountEvent | GiftCardEvent | MerchantEvent | ProgrammeEvent,
  {
    type:
      | 'MerchantRegistered'
      | 'ProgrammeRuleSet'
      | 'PointsEarned'
      | 'PointsRedeemed'
      | 'PointsRestored'
      | 'PointsClawedBack'
      | 'PointsAwardTakenBack'
      | 'GiftCardChargeSpent'
      | 'GiftCardRefunded';
  }
>;

export const eventTypes = [
  'MerchantRegistered',
  'ProgrammeRuleSet',
  'PointsEarned',
  'PointsRedeemed',
  'PointsRestored',
  'PointsClawedBack',
  'PointsAwardTakenBack',
  'GiftCardChargeSpent',
  'GiftCardRefunded',
] as const satisfies readonly Settled['type'][];

/** The money of a redemption, spread over its lots by their points. */
export const takenParts = (lots: readonly LotPart[], value: number): TakenPart[] => {
  const values = spread(
    value,
    lots.map(({ points }) => points),
  );
  return lots.map(({ lotId, merchantId, points }, index) => ({
    lotId,
    issuer: merchantId ?? programmeItself,
    points,
    value: values[index] as number,
    restored: 0,
  }));
};

export const projectSettlement = (facts: readonly Fact[]): SettlementChanges => {
  const timeZones: SettlementChanges['timeZones'][number][] = [];
  const pointValues: PointValue[] = [];
  const lots: IssuedLot[] = [];
  const movements: Movement[] = [];
  for (const raw of facts) {
    const fact = typed<Settled>(raw);
    const { tenant } = fact.metadata;
    const { position } = fact;
    switch (fact.type) {
      case 'MerchantRegistered': {
        const { merchantId, timeZone } = fact.data;
        timeZones.push({ tenant, merchantId, timeZone });
        break;
      }
      case 'ProgrammeRuleSet':
        pointValues.push({ tenant, position, pointValue: fact.data.rule.pointValue });
        break;
      case 'PointsEarned': {
        const { purchaseId, lotId, merchantId: issuer } = fact.data;
        lots.push({ tenant, userId: ownerOf(fact), purchaseId, lotId, issuer });
        break;
      }
      case 'GiftCardChargeSpent':
      case 'GiftCardRefunded':
        movements.push(cardMovementOf(fact));
        break;
      default:
        movements.push(movementOf(fact));
    }
  }
  return { timeZones, pointValues, lots, movements };
};

type Moved = Extract<
  AccountEvent,
  { type: 'PointsRedeemed' | 'PointsRestored' | 'PointsClawedBack' | 'PointsAwardTakenBack' }
>;

/** An anonymous receipt is its till's. A card pays in the programme's currency alone. */
const cardMovementOf = (
  fact: FactOf<Extract<GiftCardEvent, { type: 'GiftCardChargeSpent' | 'GiftCardRefunded' }>>,
): Movement => {
  const { purchaseId, userId, tillId, issuer, merchantId: taker, amount } = fact.data;
  const { position, metadata } = fact;
  return {
    tenant: metadata.tenant,
    userId: userId ?? `till:${tillId}`,
    purchaseId,
    position,
    occurredAt: occurredAtOf(fact),
    kind: 'giftCard',
    issuer,
    taker,
    value: fact.type === 'GiftCardChargeSpent' ? amount : -amount,
  };
};

const movementOf = (fact: Fact & { readonly type: string } & Moved): Movement => {
  const key = {
    tenant: fact.metadata.tenant,
    userId: ownerOf(fact),
    // An award is of no purchase: what it is for stands there, and nobody but the programme issued it.
    purchaseId: fact.type === 'PointsAwardTakenBack' ? fact.data.cause : fact.data.purchaseId,
  };
  const happened = { ...key, position: fact.position, occurredAt: occurredAtOf(fact) };
  switch (fact.type) {
    case 'PointsRedeemed': {
      const { merchantId: taker, lots, value } = fact.data;
      const redemption = { ...key, taker, parts: takenParts(lots, value) };
      return { ...happened, kind: 'redeemed', redemption };
    }
    case 'PointsRestored':
      return { ...happened, kind: 'restored', lots: fact.data.lots, repaid: fact.data.repaid };
    case 'PointsClawedBack':
    case 'PointsAwardTakenBack':
      return { ...happened, kind: 'clawedBack', lots: fact.data.lots };
  }
};
