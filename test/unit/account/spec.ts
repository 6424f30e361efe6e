/**
 * Specs that read aloud: `given(events).when(command).then(events)`, or `.rejects(code)`. With them a programme, a customer and
 * the shop they are told about.
 */
import { expect } from 'chai';
import { account } from '../../../domain/account/account.js';
import type { BasketLine } from '../../../domain/account/basket.js';
import { confirmPurchase } from '../../../domain/account/confirm.js';
import type { PurchaseOrder } from '../../../domain/account/purchaseOrder.js';
import type { AccountEvent } from '../../../domain/account/events.js';
import {
  cancelPurchase,
  type PurchaseHistory,
  type ReturnedPurchase,
  returnPurchase,
} from '../../../domain/account/return.js';
import { followsPurchase } from '../../../domain/account/recordedEffects.js';
import type { Offer } from '../../../domain/account/offer.js';
import type { ReturnRequest } from '../../../domain/account/parts.js';
import type { Account } from '../../../domain/account/state.js';
import type { Recorded } from '../../../domain/event.js';
import type {
  CardNumber,
  MerchantId,
  PointOfSaleId,
  ProductId,
  PurchaseId,
  ReturnId,
  TillId,
  UserId,
} from '../../../domain/ids.js';
import type { ProgrammeRule, VersionedRule } from '../../../domain/programme/rule.js';
import { Rejected } from '../../../domain/rejected.js';
import type { VersionedScheme } from '../../../domain/tier/scheme.js';

export type History = Recorded<AccountEvent>[];
export type Decide = (state: Account, history: History) => AccountEvent[];

export const record = (events: readonly AccountEvent[], from = 0, occurredAt = noon): History =>
  events.map((event, index) => ({ ...event, revision: from + index, occurredAt }));

export const fold = (history: History): Account =>
  history.reduce(account.evolve, account.initial());

/** `then` takes just the data that the spec is about; events, their number and their order have to be exact. */
export const given = (...past: readonly AccountEvent[][]) => ({
  when: (decide: Decide) => {
    const history = record(past.flat());
    const decided = (): AccountEvent[] => decide(fold(history), history);
    return {
      then: (
        expected: readonly { type: AccountEvent['type']; data?: object }[],
      ): AccountEvent[] => {
        const events = decided();
        expect(events.map(({ type }) => type)).to.deep.equal(expected.map(({ type }) => type));
        expect(events).to.containSubset(expected);
        return events;
      },
      rejects: (code: string): void => {
        try {
          const events = decided();
          expect.fail(`decided ${JSON.stringify(events)}`);
        } catch (error) {
          if (!(error instanceof Rejected)) throw error;
          expect(error.code).to.equal(code);
        }
      },
    };
  },
});

/** What a command decides on what is given: the past of the next spec. */
export const after = (past: readonly AccountEvent[], decide: Decide): AccountEvent[] => {
  const history = record(past);
  return [...past, ...decide(fold(history), history)];
};

export const day = 86_400_000;
export const noon = Date.UTC(2011, 0, 10, 12);

/** One point for every pound, a point pays a penny, half of a receipt at most, points sleep no day and live for ever. */
export const rule: ProgrammeRule = {
  currency: 'GBP',
  earn: { points: 100, per: 100 },
  pointValue: 1,
  redeemMaxBasisPoints: 5_000,
  earnOnRedeemed: false,
  activationDelayDays: 0,
  lifetimeDays: null,
  clawback: 'allowDeficit',
};

export const under = (changes: Partial<ProgrammeRule>): VersionedRule => ({
  version: 1,
  rule: { ...rule, ...changes },
});

const shop = {
  merchantId: 1 as MerchantId,
  pointOfSaleId: 10 as PointOfSaleId,
  tillId: 'till1' as TillId,
};

export const enrolled: AccountEvent[] = [
  {
    type: 'CustomerEnrolled',
    data: {
      userId: '8018000010000000000000013' as UserId,
      person: '',
      phoneHash: null,
      emailHash: null,
      merchantId: null,
    },
  },
  { type: 'CardIssued', data: { cardNumber: '2200000000017' as CardNumber } },
];

/** One piece of something for `amount` minor units. */
export const item = (amount: number, pieces = 1): BasketLine => ({
  productId: 'SKU' as ProductId,
  quantity: pieces * 1_000,
  price: amount,
});

export interface BuyOptions extends Partial<
  Omit<PurchaseOrder, 'lines' | 'purchaseId' | 'cardNumber'>
> {
  readonly rule?: VersionedRule;
  readonly cardNumber?: string;
  readonly offer?: Offer;
}

export const buy = (id: string, lines: readonly BasketLine[], options: BuyOptions = {}): Decide => {
  const { rule: versioned, cardNumber, offer = null, ...changes } = options;
  const order: PurchaseOrder = {
    purchaseId: id as PurchaseId,
    ...shop,
    lines,
    redeemPoints: 0,
    offline: false,
    occurredAt: null,
    now: noon,
    ...(cardNumber === undefined ? {} : { cardNumber: cardNumber as CardNumber }),
    ...changes,
  };
  return (state, history) => {
    const entry = state.purchases.get(order.purchaseId);
    const event = entry && history[entry.revision];
    const recorded =
      event?.type === 'PurchaseConfirmed'
        ? { data: event.data, occurredAt: event.occurredAt }
        : null;
    return confirmPurchase(order, state, versioned ?? under({}), recorded, offer);
  };
};

export const historyOf = (id: string, state: Account, history: History): PurchaseHistory | null => {
  const entry = state.purchases.get(id as PurchaseId);
  const event = entry && history[entry.revision];
  if (event?.type !== 'PurchaseConfirmed') return null;
  const next = history.slice(event.revision + 1);
  const end = next.findIndex((follower) => !followsPurchase(follower, event.data.purchaseId));
  return {
    confirmed: event.data,
    boughtAt: event.occurredAt,
    effects: end < 0 ? next : next.slice(0, end),
    returns: entry?.returns.map((place) => history[place]?.data as ReturnedPurchase) ?? [],
  };
};

export interface TillOptions {
  readonly now?: number;
  readonly merchantId?: number;
  readonly offline?: boolean;
  readonly occurredAt?: number;
  readonly scheme?: VersionedScheme | null;
}

const atTill = (id: string, options: TillOptions) => ({
  purchaseId: id as PurchaseId,
  ...shop,
  merchantId: (options.merchantId ?? 1) as MerchantId,
  offline: options.offline ?? false,
  occurredAt: options.occurredAt ?? null,
  now: options.now ?? noon,
});

export const giveBack =
  (
    id: string,
    returnId: string,
    request: ReturnRequest = 'all',
    options: TillOptions = {},
  ): Decide =>
  (state, history) =>
    returnPurchase(
      { ...atTill(id, options), returnId: returnId as ReturnId, request },
      state,
      historyOf(id, state, history),
      options.scheme ?? null,
    );

export const cancel =
  (id: string, options: TillOptions = {}): Decide =>
  (state, history) =>
    cancelPurchase(
      { ...atTill(id, options), reason: 'mistake' },
      state,
      historyOf(id, state, history),
      options.scheme ?? null,
    );
