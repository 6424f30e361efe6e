/**
 * Gift cards at a till: what is on the cards that were shown, and reserving what they pay before the receipt is recorded.
 *
 * What is on a card is read from its own stream up to its last word, one small read for each card: money is not guessed at. A card
 * that another receipt charges in between refuses the reservation; then the receipt is decided again on what is left.
 */
import { type Static, Type } from '@sinclair/typebox';
import { Money } from '../../domain/amount.js';
import {
  availableOn,
  giftCard,
  giftCardFault,
  giftCardStream,
  reserveCharge,
} from '../../domain/giftCard/giftCard.js';
import type { GiftCardId } from '../../domain/giftCard/ids.js';
import {
  type GiftCardOutcome,
  giftCardsMost,
  type ShownGiftCard,
} from '../../domain/giftCard/payment.js';
import type { GiftCardSeries } from '../../domain/giftCard/series.js';
import type { MerchantId, PurchaseId, TenantId, TillId, UserId } from '../../domain/ids.js';
import type { RejectionCode } from '../../domain/rejected.js';
import { type CommandContext, type StateOf, type Step, step } from '../command.js';
import type { FoundGiftCard } from '../giftCards.js';
import type { Directory } from '../directory.js';

export const giftCardNumber = Type.String({
  minLength: 1,
  maxLength: 60,
  description: 'The number of a gift card, however it is typed',
  examples: ['0018-H30D-SRPC-0PJG'],
});

export const giftCardInput = {
  giftCards: Type.Optional(
    Type.Array(
      Type.Object(
        {
          number: giftCardNumber,
          amount: Type.Optional(
            Type.Unsafe<number>({
              ...Money,
              minimum: 1,
              description: 'Minor units; as much as the card has and is left to pay by default',
            }),
          ),
        },
        { additionalProperties: false },
      ),
      {
        minItems: 1,
        maxItems: giftCardsMost,
        description: 'Gift cards that pay what discounts and points left, in this order',
      },
    ),
  ),
} as const;
export type GiftCardsInput = Static<NonNullable<typeof giftCardInput.giftCards>>;

/** The receipt that cards are shown for. */
export interface GiftCardReceipt {
  readonly tenant: TenantId;
  readonly merchantId: MerchantId;
  readonly tillId: TillId;
  /** Null for an anonymous receipt. */
  readonly userId: UserId | null;
  /** Null in a quote. What this very receipt has reserved it may use. */
  readonly purchaseId: PurchaseId | null;
  readonly currency: string;
  /** Milliseconds: the time that the receipt is decided as of. */
  readonly at: number;
}

interface From {
  readonly directory: Directory;
  readonly stateOf: StateOf;
}

/** A receipt as it was sent. */
interface Sent {
  readonly merchantId: MerchantId;
  readonly tillId: TillId;
  readonly userId?: UserId | null;
  readonly purchaseId?: PurchaseId;
  readonly giftCards?: GiftCardsInput;
}

/** In the order in which they were shown. */
export const giftCardsShown = (
  { merchantId, tillId, userId = null, purchaseId, giftCards = [] }: Sent,
  when: Pick<GiftCardReceipt, 'currency' | 'at'>,
  { tenant }: Pick<CommandContext, 'tenant'>,
  from: From,
): Promise<readonly ShownGiftCard[]> => {
  const receipt = { tenant, merchantId, tillId, userId, purchaseId: purchaseId ?? null, ...when };
  return lookUp(giftCards, receipt, from);
};

const lookUp = async (
  shown: GiftCardsInput,
  receipt: GiftCardReceipt,
  { directory, stateOf }: From,
): Promise<readonly ShownGiftCard[]> => {
  const seen = new Set<GiftCardId>();
  const cards: ShownGiftCard[] = [];
  for (const { number, amount: asked = null } of shown) {
    const found = await directory.giftCards.find(receipt.tenant, number);
    if (!found) {
      const refusal = 'gift-card-not-found';
      cards.push({ card: null, issuer: null, asked, available: 0, refusal });
      continue;
    }
    const repeated = seen.has(found.card);
    seen.add(found.card);
    const shownCard = await cardShown(found, asked, receipt, stateOf);
    cards.push(repeated ? { ...shownCard, refusal: 'gift-card-repeated' } : shownCard);
  }
  return cards;
};

const cardShown = async (
  { card, series }: FoundGiftCard,
  asked: number | null,
  receipt: GiftCardReceipt,
  stateOf: StateOf,
): Promise<ShownGiftCard> => {
  const state = await stateOf(giftCardStream(receipt.tenant, card), giftCard, 0);
  const { purchaseId, userId, tillId } = receipt;
  const available = availableOn(state, purchaseId && { purchaseId, userId, tillId });
  const refusal = giftCardFault(state, receipt.at) ?? seriesFault(series, receipt);
  return { card, issuer: series.opened.merchantId, asked, available, refusal };
};

/** Why no card of a series pays for a receipt. A closed one sells no more, and pays. */
const seriesFault = (
  { opened: { currency, terms }, status }: GiftCardSeries,
  receipt: Pick<GiftCardReceipt, 'currency' | 'merchantId'>,
): RejectionCode | null => {
  if (status === 'blocked') return 'gift-card-series-blocked';
  if (currency !== receipt.currency) return 'gift-card-other-currency';
  const { merchants } = terms;
  const taken = merchants === null || merchants.includes(receipt.merchantId);
  return taken ? null : 'gift-card-other-merchants';
};

/** What is not spent by then came to nothing: an append has a deadline of seconds. */
export const reservedMs = 120_000;

interface ConfirmedReceipt {
  readonly purchaseId: PurchaseId;
  readonly merchantId: MerchantId;
  readonly tillId: TillId;
  readonly giftCards?: readonly GiftCardOutcome[];
}

/**
 * Reserves what the cards of a decided receipt pay, each on its own stream. Where a card has too little by now, the receipt is decided
 * again on what it has. `at` and `now` in milliseconds.
 */
export const giftCardSteps = (
  receipt: ConfirmedReceipt | undefined,
  userId: UserId | null,
  tenant: TenantId,
  { at, now }: { readonly at: number; readonly now: number },
): Step[] =>
  (receipt?.giftCards ?? []).flatMap(({ card, issuer, amount }) => {
    if (!receipt || card === null || issuer === null || amount === 0) return [];
    const { purchaseId, merchantId, tillId } = receipt;
    const charge = { card, purchaseId, userId, tillId, merchantId, issuer, amount };
    return step({
      stream: giftCardStream(tenant, card),
      aggregate: giftCard,
      decide: (state) => reserveCharge({ ...charge, until: now + reservedMs }, at, state),
      whenRefused: 'decideAgain',
    });
  });
