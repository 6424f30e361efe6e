/**
 * Settles what receipts reserved on gift cards: spent once the receipt is in the log, released where it was decided without the card or
 * its time is over and no record has it, given back when goods come back.
 *
 * At least once, in the order of the log: every command has a key made of the fact it answers, and the card itself remembers which
 * receipts took and which returns gave back, so a repeat does nothing. Nobody else releases: money cannot be spent twice because a
 * worker was slow. The position that is kept lies before the oldest reservation still open, so a restart finds it again.
 */
import {
  refundGiftCard,
  releaseGiftCard,
  spendGiftCard,
} from '../commands/giftCard/settleCharge.js';
import type { CommandContext } from '../commands/command.js';
import type { Handler } from '../commands/handle.js';
import type { Log } from '../commands/log.js';
import { account, accountStream } from '../domain/account/account.js';
import { receiptKey } from '../domain/budget/state.js';
import type { EventOf } from '../domain/event.js';
import type { Fact, Position } from '../domain/fact.js';
import type { GiftCardCharge, GiftCardChargeReserved } from '../domain/giftCard/events.js';
import { type GiftCardId, seriesOfCard } from '../domain/giftCard/ids.js';
import type { GiftCardOutcome, GiftCardPart } from '../domain/giftCard/payment.js';
import type { MerchantId, PurchaseId, TenantId, TillId, UserId } from '../domain/ids.js';
import { sales, salesStream } from '../domain/sales/sales.js';
import { parseStreamName } from '../domain/stream.js';
import type { Feed } from '../projections/feed.js';
import type { Checkpoints } from './checkpoints.js';
import { createFollowing } from './following.js';
import { carryOut } from './persevere.js';

const name = 'giftCards';
/** Before the first of these no receipt concerns it (see dormant.ts). */
export const giftCardTriggers = ['GiftCardChargeReserved'] as const;
const confirmations = ['PurchaseConfirmed', 'AnonymousPurchaseConfirmed'] as const;
const eventTypes = [
  ...giftCardTriggers,
  ...confirmations,
  'PurchaseReturned',
  'PurchaseCancelled',
  'AnonymousPurchaseReturned',
  'AnonymousPurchaseCancelled',
];

type Reserved = EventOf<typeof GiftCardChargeReserved>['data'];

interface Open {
  readonly fact: Fact;
  readonly reserved: Reserved;
  /** Of the fact before it: where a restart has to begin to see it again. */
  readonly before: Position | null;
}

/** Of facts of receipts, what concerns gift cards. */
interface Receipt {
  readonly purchaseId: PurchaseId;
  readonly merchantId: MerchantId;
  readonly tillId: TillId;
  readonly returnId?: string;
}

export interface GiftCardsWorker {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Settles what is due as of now; `run` does it every 5 s. */
  sweep(signal: AbortSignal): Promise<void>;
  readonly open: () => number;
}

export const createGiftCardsWorker = (options: {
  readonly feed: Feed;
  readonly handler: Handler;
  readonly log: Pick<Log, 'read'>;
  readonly checkpoints: Checkpoints;
  readonly now: () => number;
  /** The log or the database did not answer: it is tried again. */
  readonly onFailed: (error: unknown) => void;
}): GiftCardsWorker => {
  const { feed, handler, log, now, onFailed } = options;
  const open = new Map<string, Open>();

  const contextOf = ({ id, metadata }: Fact, card: GiftCardId): CommandContext => ({
    tenant: metadata.tenant,
    actor: { kind: 'worker', id: name },
    now: now(),
    idempotencyKey: `${name} ${id} ${card}`,
    correlationId: metadata.correlationId,
    causationId: id,
  });

  /** Whose a receipt is: a customer's, or a till's. Anonymous ones are on the stream of the till that sold. */
  const ownerOf = ({ stream, data }: Fact) => {
    const { category, id } = parseStreamName(stream) ?? { category: '', id: '' };
    return category === 'account'
      ? { userId: id as UserId, tillId: (data as Receipt).tillId }
      : { userId: null, tillId: id as TillId };
  };

  const issuerOf = (tenant: TenantId, card: GiftCardId): MerchantId => {
    const series = handler.directory.giftCards.series(tenant, seriesOfCard(card));
    // The card was reserved by its series: the directory is about to hear of it.
    if (!series) throw new Error(`the series of gift card ${card} is not known yet`);
    return series.opened.merchantId;
  };

  const spend = async (fact: Fact): Promise<void> => {
    const { tenant } = fact.metadata;
    const {
      purchaseId,
      merchantId,
      giftCards = [],
    } = fact.data as Receipt & {
      readonly giftCards?: readonly GiftCardOutcome[];
    };
    const receipt = { purchaseId, ...ownerOf(fact), merchantId };
    const key = keyOf(tenant, receipt);
    const at = Date.parse(fact.metadata.occurredAt);
    for (const { card, issuer, amount } of giftCards) {
      if (card === null || issuer === null || amount === 0) continue;
      const charge = { card, ...receipt, issuer, amount, at };
      await handler.handle(spendGiftCard, charge, contextOf(fact, card));
      open.delete(`${key} ${card}`);
    }
    if (open.size === 0) return;
    for (const [place, one] of open) {
      if (!place.startsWith(`${key} `)) continue;
      await release(one, 'the receipt was decided without the card');
      open.delete(place);
    }
  };

  const giveBack = async (fact: Fact): Promise<void> => {
    const { tenant } = fact.metadata;
    const {
      purchaseId,
      merchantId,
      returnId,
      giftCards = [],
    } = fact.data as Receipt & {
      readonly giftCards?: readonly GiftCardPart[];
    };
    const receipt = { purchaseId, ...ownerOf(fact), merchantId };
    const cause = returnId ?? purchaseId;
    const at = Date.parse(fact.metadata.occurredAt);
    for (const { card, amount } of giftCards) {
      const charge = { card, ...receipt, issuer: issuerOf(tenant, card), amount };
      await handler.handle(refundGiftCard, { ...charge, cause, at }, contextOf(fact, card));
    }
  };

  const release = async ({ fact, reserved }: Open, reason: string): Promise<void> => {
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

  const settle = async (one: Open): Promise<void> => {
    const record = await recordOf(one.fact.metadata.tenant, one.reserved);
    if (record) await spend(record);
    else await release(one, 'the receipt was not recorded');
  };

  const sweep = async (signal: AbortSignal): Promise<void> => {
    for (const [key, one] of open) {
      if (signal.aborted) return;
      if (one.reserved.until > now()) continue;
      await carryOut(() => settle(one), signal, onFailed);
      if (open.get(key) === one) open.delete(key);
    }
  };

  const take = async (fact: Fact, signal: AbortSignal): Promise<void> => {
    if (fact.type === 'GiftCardChargeReserved') {
      const reserved = fact.data as Reserved;
      const key = `${keyOf(fact.metadata.tenant, reserved)} ${reserved.card}`;
      open.delete(key); // one made anew moves to the end
      open.set(key, { fact, reserved, before: following.processed() });
    } else if ((confirmations as readonly string[]).includes(fact.type)) {
      await carryOut(() => spend(fact), signal, onFailed);
    } else if ((fact.data as { readonly giftCards?: unknown }).giftCards !== undefined) {
      await carryOut(() => giveBack(fact), signal, onFailed);
    }
  };

  const following = createFollowing({
    ...{ name, feed, checkpoints: options.checkpoints, now, onFailed, take, sweep, eventTypes },
    resumeFrom: (processed) => {
      const [oldest] = open.values();
      return oldest ? oldest.before : processed;
    },
  });

  return { run: following.run, sweep, open: () => open.size };
};

const keyOf = (
  tenant: TenantId,
  receipt: Pick<GiftCardCharge, 'purchaseId' | 'userId' | 'tillId'>,
): string => `${tenant} ${receiptKey(receipt)}`;
