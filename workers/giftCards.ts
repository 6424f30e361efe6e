/**
 * Settles what receipts reserved on gift cards: spent once the receipt is in the log, released where it was decided without the card or
 * its time is over and no record has it, given back when goods come back.
 *
 * At least once (settling.ts): every command has a key made of the fact it answers, and the card itself remembers which receipts took
 * and which returns gave back, so a repeat does nothing. Nobody else releases: money cannot be spent twice because a worker was slow.
 */
import {
  refundGiftCard,
  releaseGiftCard,
  spendGiftCard,
} from '../commands/giftCard/settleCharge.js';
import type { Log } from '../commands/log.js';
import { account, accountStream } from '../domain/account/account.js';
import { receiptKey } from '../domain/budget/state.js';
import type { EventOf } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import type { GiftCardCharge, GiftCardChargeReserved } from '../domain/giftCard/events.js';
import { type GiftCardId, seriesOfCard } from '../domain/giftCard/ids.js';
import type { GiftCardOutcome, GiftCardPart } from '../domain/giftCard/payment.js';
import type { MerchantId, PurchaseId, TenantId } from '../domain/ids.js';
import { sales, salesStream } from '../domain/sales/sales.js';
import { answering, type AnsweringOptions } from './answering.js';
import { createOpenReservations } from './openReservations.js';
import { isConfirmation, receiptEvents, receiptOf } from './receiptFacts.js';
import { createSettling, type SettlingWorker } from './settling.js';

const name = 'giftCards';
/** Before the first of these no receipt concerns it (see dormant.ts). */
export const giftCardTriggers = ['GiftCardChargeReserved'] as const;

type Reserved = EventOf<typeof GiftCardChargeReserved>['data'];

/** Of a receipt that was recorded, what concerns gift cards. */
interface Paid {
  readonly merchantId: MerchantId;
  readonly giftCards?: readonly GiftCardOutcome[];
}

/** Of a return or a cancellation. */
interface PaidBack {
  readonly purchaseId: PurchaseId;
  readonly merchantId: MerchantId;
  readonly returnId?: string;
  readonly giftCards?: readonly GiftCardPart[];
}

export const createGiftCardsWorker = (
  options: AnsweringOptions & { readonly log: Pick<Log, 'read'> },
): SettlingWorker => {
  const { handler, log } = options;
  const contextOf = answering(name, options.now);
  const open = createOpenReservations(
    (fact) => `${receiptOfReservation(fact)} ${(fact.data as Reserved).card}`,
    receiptOfReservation,
  );

  const issuerOf = (tenant: TenantId, card: GiftCardId): MerchantId => {
    const series = handler.directory.giftCards.series(tenant, seriesOfCard(card));
    // The card was reserved by its series: the directory is about to hear of it.
    if (!series) throw new Error(`the series of gift card ${card} is not known yet`);
    return series.opened.merchantId;
  };

  const spend = async (fact: Fact): Promise<void> => {
    const { tenant } = fact.metadata;
    const { merchantId, giftCards = [] } = fact.data as Paid;
    const receipt = { ...receiptOf(fact), merchantId };
    const key = keyOf(tenant, receipt);
    const at = Date.parse(fact.metadata.occurredAt);
    for (const { card, issuer, amount } of giftCards) {
      if (card === null || issuer === null || amount === 0) continue;
      const charge = { card, ...receipt, issuer, amount, at };
      await handler.handle(spendGiftCard, charge, contextOf(fact, card));
      open.delete(`${key} ${card}`);
    }
    for (const [place, reservation] of open.ofReceipt(key)) {
      await release(reservation, 'the receipt was decided without the card');
      open.delete(place);
    }
  };

  const giveBack = async (fact: Fact): Promise<void> => {
    const { tenant } = fact.metadata;
    const { purchaseId, merchantId, returnId, giftCards = [] } = fact.data as PaidBack;
    const receipt = { ...receiptOf(fact), merchantId };
    const cause = returnId ?? purchaseId;
    const at = Date.parse(fact.metadata.occurredAt);
    for (const { card, amount } of giftCards) {
      const charge = { card, ...receipt, issuer: issuerOf(tenant, card), amount };
      await handler.handle(refundGiftCard, { ...charge, cause, at }, contextOf(fact, card));
    }
  };

  const release = async (fact: Fact, reason: string): Promise<void> => {
    const reserved = fact.data as Reserved;
    const context = contextOf(fact, reserved.card);
    await handler.handle(releaseGiftCard, { ...reserved, reason }, context);
  };

  /** The fact that recorded the receipt, null where there is none. */
  const recordOf = async (tenant: TenantId, { purchaseId, userId, tillId }: Reserved) => {
    const stream = userId === null ? salesStream(tenant, tillId) : accountStream(tenant, userId);
    const { purchases } =
      userId === null
        ? await handler.state(stream, sales, 0)
        : await handler.state(stream, account, 0);
    const entry = purchases.get(purchaseId);
    const [fact] = entry ? await log.read(stream, entry.revision, 1) : [];
    return fact ?? null;
  };

  const settle = async (reservation: Fact): Promise<void> => {
    const record = await recordOf(reservation.metadata.tenant, reservation.data as Reserved);
    if (record) await spend(record);
    else await release(reservation, 'the receipt was not recorded');
  };

  return createSettling(options, {
    name,
    open,
    settle,
    reserved: giftCardTriggers,
    answered: receiptEvents,
    react: (fact) => (isConfirmation(fact) ? spend(fact) : giveBack(fact)),
    dueAt: ({ data }) => (data as Reserved).until,
  });
};

const keyOf = (
  tenant: TenantId,
  receipt: Pick<GiftCardCharge, 'purchaseId' | 'userId' | 'tillId'>,
): string => `${tenant} ${receiptKey(receipt)}`;

const receiptOfReservation = (reservation: Fact): string =>
  keyOf(reservation.metadata.tenant, reservation.data as Reserved);
