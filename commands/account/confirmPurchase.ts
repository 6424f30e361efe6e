/**
 * Confirms a customer's purchase: one append that holds everything the receipt did. Where the till names a quote and the receipt
 * would come out otherwise, it is refused with the new quote instead.
 */
import { Type, type Static } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { confirmPurchase as decide } from '../../domain/account/confirm.js';
import type { RecordedPurchase } from '../../domain/account/confirmed.js';
import type { Offer } from '../../domain/account/offer.js';
import type { PurchaseOrder } from '../../domain/account/purchaseOrder.js';
import type { Account } from '../../domain/account/state.js';
import { Points } from '../../domain/amount.js';
import { CardNumber, MemberId, UserId } from '../../domain/ids.js';
import type { ShownGiftCard } from '../../domain/giftCard/payment.js';
import type { VersionedRule } from '../../domain/programme/rule.js';
import { decidedAt } from '../../domain/receiptTime.js';
import { Rejected, rejected } from '../../domain/rejected.js';
import { type CommandContext, defineCommand } from '../command.js';
import type { Directory } from '../directory.js';
import { giftCardInput, giftCardsShown, giftCardSteps } from '../giftCard/shown.js';
import { textsIn } from './campaignWords.js';
import { offerFor, type OfferFound, offerSteps } from './offered.js';
import { answerPurchase } from './purchaseAnswer.js';
import { recordedPurchase } from './purchaseHistory.js';
import { quoteIdOf } from './quoteId.js';
import { quoteOn } from './quotePurchase.js';
import { offerInput, receiptInput, receiptTime, SlipInput } from './receiptInput.js';
import { ruleOfReceipt } from './shop.js';

export const ConfirmPurchaseInput = Type.Object(
  {
    userId: UserId,
    ...receiptInput,
    cardNumber: Type.Optional(CardNumber),
    memberId: Type.Optional(MemberId),
    redeemPoints: Type.Optional(Points),
    quoteId: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
    slip: Type.Optional(SlipInput),
    ...offerInput,
    ...giftCardInput,
  },
  { additionalProperties: false, title: 'ConfirmPurchase' },
);
export type ConfirmPurchaseInput = Static<typeof ConfirmPurchaseInput>;

interface Found {
  readonly rule: VersionedRule;
  readonly recorded: RecordedPurchase | null;
  readonly offered: OfferFound | null;
  readonly giftCards: readonly ShownGiftCard[] | null;
  readonly directory: Directory;
}

export const confirmPurchase = defineCommand({
  name: 'ConfirmPurchase',
  summary: 'Records a purchase with the points it earns and spends.',
  input: ConfirmPurchaseInput,
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: (input, context, from): Found | Promise<Found> => {
    const { directory, state } = from;
    const time = receiptTime(input, context);
    const rule = ruleOfReceipt(directory, input, time, context);
    const { purchaseId } = input;
    const offered = offerFor(
      {
        tenant: context.tenant,
        merchantId: input.merchantId,
        pointOfSaleId: input.pointOfSaleId,
        tillId: input.tillId,
        userId: input.userId,
        purchaseId,
        at: decidedAt(time),
        coupons: input.coupons,
        attributes: input.attributes,
      },
      state,
      from,
    );
    const cards = input.giftCards
      ? giftCardsShown(input, { currency: rule.rule.currency, at: decidedAt(time) }, context, from)
      : null;
    const known = state.purchases.has(purchaseId);
    if (!known && offered === null && cards === null) {
      return { rule, recorded: null, offered, giftCards: null, directory };
    }
    return Promise.all([recordedPurchase(purchaseId, from), offered, cards]).then(
      ([recorded, offer, giftCards]): Found => ({
        rule,
        recorded,
        giftCards,
        directory,
        offered: offer,
      }),
    );
  },
  decide: (input, state, { rule, recorded, offered, giftCards }, context) => {
    const plain = orderOf(input, context);
    const order = giftCards ? { ...plain, giftCards } : plain;
    const offer = offered?.offer ?? null;
    if (input.quoteId === undefined) return decide(order, state, rule, recorded, offer);
    const { userId, quoteId } = input;
    return decideAsQuoted({ ...order, quoteId }, userId, state, rule, recorded, offer);
  },
  reserve: (input, context, { offered, giftCards, directory }, decided) => {
    const { now, tenant } = context;
    const confirmed = decided.find((event) => event.type === 'PurchaseConfirmed');
    const steps = offerSteps(offered, confirmed?.data, directory, now, decided);
    if (!giftCards) return steps;
    const at = decidedAt(receiptTime(input, context));
    return [...steps, ...giftCardSteps(confirmed?.data, input.userId, tenant, { at, now })];
  },
  occurredAt: (input, context) => decidedAt(receiptTime(input, context)),
  answer: ({ events, input, found, directory, context }) => {
    const confirmed = events.find((event) => event.type === 'PurchaseConfirmed');
    const purchase = confirmed?.data ?? found?.recorded?.data;
    if (!purchase) throw new Error('a confirmation without its event');
    return answerPurchase(input.userId, purchase, textsIn(directory, context.tenant));
  },
});

const orderOf = (input: ConfirmPurchaseInput, context: CommandContext): PurchaseOrder => {
  const { purchaseId, merchantId, pointOfSaleId, tillId, lines, cardNumber, memberId, slip } =
    input;
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
  if (cardNumber === undefined && memberId === undefined && slip === undefined) return order;
  return {
    ...order,
    ...(cardNumber && { cardNumber }),
    ...(memberId && { memberId }),
    ...(slip && { slip }),
  };
};

/** @throws Rejected price-changed with the new quote where anything would come out otherwise than quoted. */
const decideAsQuoted = (
  order: PurchaseOrder & { readonly quoteId: string },
  userId: UserId,
  state: Account,
  rule: VersionedRule,
  recorded: RecordedPurchase | null,
  offer: Offer | null,
) => {
  const priceChanged = (): Rejected =>
    rejected('price-changed', { quote: quoteOn(userId, order, state, rule, offer) });
  const checkQuote: NonNullable<PurchaseOrder['checkQuote']> = (outcome) => {
    if (quoteIdOf(userId, rule.rule.currency, outcome) !== order.quoteId) throw priceChanged();
  };
  try {
    return decide({ ...order, checkQuote }, state, rule, recorded, offer);
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
