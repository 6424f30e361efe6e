/**
 * Enters purchases into the draws that are open, and takes entries back whose purchase was returned as a whole before the closing.
 *
 * At least once, in the order of the log: every command has a key made of the fact it answers, and a cause enters a draw once, so a
 * repeat does nothing. A draw closes a minute after its time at the earliest: what was bought in time is entered by then.
 */
import type { CommandContext } from '../commands/command.js';
import { createEnterDraw, withdrawEntry } from '../commands/draw/enterDraw.js';
import type { Seeds } from '../commands/seeds.js';
import type { AccountEvent } from '../domain/account/events.js';
import { entriesOfPurchase } from '../domain/draw/decide.js';
import { causeOfPurchase } from '../domain/draw/draw.js';
import type { Fact } from '../domain/fact.js';
import type { PurchaseId, TenantId, UserId } from '../domain/ids.js';
import { parseStreamName } from '../domain/stream.js';
import {
  answering,
  type AnsweringOptions,
  type AnsweringWorker,
  createAnswering,
} from './answering.js';

const name = 'drawEntries';

type Bought = Extract<AccountEvent, { type: 'PurchaseConfirmed' }>['data'];
type Watched = Extract<
  AccountEvent,
  { type: 'PurchaseConfirmed' | 'PurchaseReturned' | 'PurchaseCancelled' }
>;
const eventTypes = [
  'PurchaseConfirmed',
  'PurchaseReturned',
  'PurchaseCancelled',
] as const satisfies readonly Watched['type'][];

export const createDrawEntries = (
  options: AnsweringOptions & { readonly seeds: Seeds },
): AnsweringWorker => {
  const { handler } = options;
  const contextOf = answering(name, options.now);
  const enterDraw = createEnterDraw(options.seeds);

  const openDraws = (tenant: TenantId) =>
    [...handler.directory.draws.list(tenant)].filter(({ status }) => status === 'announced');

  const enter = async (userId: UserId, bought: Bought, at: number, context: CommandContext) => {
    const { purchaseId, merchantId, total, net = total, paidByPoints } = bought;
    const paid = net - paidByPoints;
    for (const { drawId, terms } of openDraws(context.tenant)) {
      const entries = entriesOfPurchase(terms, { merchantId, paid, at });
      if (entries === 0) continue;
      const input = { drawId, userId, entries, cause: causeOfPurchase(purchaseId), at };
      await handler.handle(enterDraw, input, context);
    }
  };

  const withdraw = async (userId: UserId, purchaseId: PurchaseId, context: CommandContext) => {
    for (const { drawId } of openDraws(context.tenant)) {
      const input = { drawId, userId, cause: causeOfPurchase(purchaseId) };
      await handler.handle(withdrawEntry, input, context);
    }
  };

  const react = async (fact: Fact): Promise<void> => {
    const event = { type: fact.type, data: fact.data } as Watched;
    const userId = (parseStreamName(fact.stream)?.id ?? '') as UserId;
    const context = contextOf(fact);
    if (event.type === 'PurchaseConfirmed') {
      return enter(userId, event.data, Date.parse(fact.metadata.occurredAt), context);
    }
    if (event.type === 'PurchaseReturned' && !event.data.complete) return;
    return withdraw(userId, event.data.purchaseId, context);
  };

  // A draw that closed or filled up in the meantime refuses: the purchase came too late for it.
  return createAnswering(options, { name, eventTypes, react });
};
