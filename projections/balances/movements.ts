/** The lines of a statement: what each fact of points says of itself, before lots tell what it moves. */
import type { AccountEvent } from '../../domain/account/events.js';
import { type FactOf, occurredAtOf } from '../facts.js';
import type { AccountChange, Movement, MovementKind } from './changes.js';

export type Moved = Extract<
  AccountEvent,
  {
    type:
      | 'PointsRedeemed'
      | 'PointsRestored'
      | 'PointsClawedBack'
      | 'PointsAwardTakenBack'
      | 'PointsActivated'
      | 'PointsExpired';
  }
>;

export const lineOf = (account: AccountChange, fact: FactOf<Moved>): Movement => {
  switch (fact.type) {
    case 'PointsRedeemed':
      return movement(account, fact, 'redeemed', -fact.data.points, fact.data);
    case 'PointsRestored':
      return movement(account, fact, 'restored', fact.data.points, {
        purchaseId: fact.data.purchaseId,
        note: fact.data.cause,
      });
    case 'PointsClawedBack':
      return movement(account, fact, 'clawedBack', fact.data.forgiven - fact.data.points, {
        purchaseId: fact.data.purchaseId,
        note: fact.data.cause,
      });
    case 'PointsAwardTakenBack':
      return movement(account, fact, 'clawedBack', fact.data.forgiven - fact.data.points, {
        lotId: fact.data.lotId,
        note: fact.data.cause,
      });
    case 'PointsActivated':
      return movement(account, fact, 'activated', 0);
    case 'PointsExpired':
      return movement(account, fact, 'expired', -fact.data.points);
  }
};

export const movement = (
  account: AccountChange,
  fact: FactOf<AccountEvent>,
  kind: MovementKind,
  points: number,
  about: {
    readonly purchaseId?: string | null;
    readonly lotId?: string | null;
    readonly merchantId?: number | null;
    readonly note?: string | null;
  } = {},
): Movement => ({
  account: account.account,
  tenant: account.tenant,
  userId: account.userId,
  revision: fact.revision,
  position: fact.position,
  occurredAt: occurredAtOf(fact),
  kind,
  points,
  active: 0,
  pending: 0,
  deficit: 0,
  purchaseId: about.purchaseId ?? null,
  lotId: about.lotId ?? null,
  merchantId: about.merchantId ?? null,
  note: about.note ?? null,
  open: [],
});
