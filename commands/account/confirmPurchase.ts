/**
 * Confirms a customer's purchase: one append that holds everything the receipt did. Where the till names a quote and the receipt
 * would come out otherwise, it is refused with the new quote instead.
 */
import { Type, type Static } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import {
  confirmPurchase as decide,
  type PurchaseOrder,
  type RecordedPurchase,
} from '../../domain/account/confirm.js';
import type { Account } from '../../domain/account/state.js';
import { Points } from '../../domain/amount.js';
import { CardNumber, UserId } from '../../domain/ids.js';
import type { VersionedRule } from '../../domain/programme/rule.js';
import { decidedAt } from '../../domain/receiptTime.js';
import { Rejected, rejected } from '../../domain/rejected.js';
import { type CommandContext, defineCommand } from '../command.js';
import { answerPurchase } from './purchaseAnswer.js';
import { recordedPurchase } from './purchaseHistory.js';
import { quoteIdOf } from './quoteId.js';
import { quoteOn } from './quotePurchase.js';
import { receiptInput, receiptTime, SlipInput } from './receiptInput.js';
import { ruleOfReceipt } from './shop.js';

export const ConfirmPurchaseInput = Type.Object(
  {
    userId: UserId,
    ...receiptInput,
    cardNumber: Type.Optional(CardNumber),
    redeemPoints: Type.Optional(Points),
    quoteId: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
    slip: Type.Optional(SlipInput),
  },
  { additionalProperties: false, title: 'ConfirmPurchase' },
);
export type ConfirmPurchaseInput = Static<typeof ConfirmPurchaseInput>;

interface Found {
  readonly rule: VersionedRule;
  readonly recorded: RecordedPurchase | null;
}

export const confirmPurchase = defineCommand({
  name: 'ConfirmPurchase',
  summary: 'Records a purchase with the points it earns and spends.',
  input: ConfirmPurchaseInput,
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: (input, context, from): Found | Promise<Found> => {
    const rule = ruleOfReceipt(from.directory, input, receiptTime(input, context), context);
    if (!from.state.purchases.has(input.purchaseId)) return { rule, recorded: null };
    return recordedPurchase(input.purchaseId, from).then((recorded) => ({ rule, recorded }));
  },
  decide: (input, state, { rule, recorded }, context) => {
    const order = orderOf(input, context);
    if (input.quoteId === undefined) return decide(order, state, rule, recorded);
    return decideAsQuoted(
      { ...order, quoteId: input.quoteId },
      input.userId,
      state,
      rule,
      recorded,
    );
  },
  occurredAt: (input, context) => decidedAt(receiptTime(input, context)),
  answer: ({ events, input, found }) => {
    const confirmed = events.find((event) => event.type === 'PurchaseConfirmed');
    const purchase = confirmed?.data ?? found?.recorded?.data;
    if (!purchase) throw new Error('a confirmation without its event');
    return answerPurchase(input.userId, purchase);
  },
});

const orderOf = (input: ConfirmPurchaseInput, context: CommandContext): PurchaseOrder => {
  const { purchaseId, merchantId, pointOfSaleId, tillId, lines, cardNumber, slip } = input;
  const { offline, occurredAt, now } = receiptTime(input, context);
  const order = {
    purchaseId,
    merchantId,
    pointOfSaleId,
    tillId,
    lines,
    redeemPoints: input.redeemPoints ?? 0,
    offline,
    occurredAt,
    now,
  };
  if (cardNumber === undefined && slip === undefined) return order;
  return { ...order, ...(cardNumber && { cardNumber }), ...(slip && { slip }) };
};

/** @throws Rejected price-changed with the new quote where anything would come out otherwise than quoted. */
const decideAsQuoted = (
  order: PurchaseOrder & { readonly quoteId: string },
  userId: UserId,
  state: Account,
  rule: VersionedRule,
  recorded: RecordedPurchase | null,
) => {
  const priceChanged = (): Rejected =>
    rejected('price-changed', { quote: quoteOn(userId, order, state, rule) });
  const checkQuote: NonNullable<PurchaseOrder['checkQuote']> = (outcome) => {
    if (quoteIdOf(userId, rule.rule.currency, outcome) !== order.quoteId) throw priceChanged();
  };
  try {
    return decide({ ...order, checkQuote }, state, rule, recorded);
  } catch (error) {
    // The points that the quote counted on are gone, or the rule lets fewer be used: that is another price, too.
    if (error instanceof Rejected && pointsRefused.has(error.code)) throw priceChanged();
    throw error;
  }
};

const pointsRefused: ReadonlySet<string> = new Set([
  'not-enough-points',
  'redemption-over-limit',
] satisfies Rejected['code'][]);
