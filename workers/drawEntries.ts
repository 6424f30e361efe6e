/**
 * Enters purchases into the draws that are open, and takes entries back whose purchase was returned as a whole before the closing.
 *
 * At least once, in the order of the log: every command has a key made of the fact it answers, and a cause enters a draw once, so a
 * repeat does nothing. A draw closes a minute after its time at the earliest: what was bought in time is entered by then.
 */
import type { CommandContext } from '../commands/command.js';
import { createEnterDraw, withdrawEntry } from '../commands/draw/enterDraw.js';
import type { Handler } from '../commands/handle.js';
import type { Seeds } from '../commands/seeds.js';
import type { AccountEvent } from '../domain/account/events.js';
import { entriesOfPurchase } from '../domain/draw/decide.js';
import { causeOfPurchase } from '../domain/draw/draw.js';
import type { Fact, Position } from '../domain/fact.js';
import type { PurchaseId, TenantId, UserId } from '../domain/ids.js';
import { Rejected } from '../domain/rejected.js';
import { parseStreamName } from '../domain/stream.js';
import type { Feed } from '../projections/feed.js';
import type { Checkpoints } from './checkpoints.js';
import { persevere } from './persevere.js';

const name = 'drawEntries';
const savedEveryMs = 1_000;

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

export interface DrawEntriesWorker {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export const createDrawEntries = (options: {
  readonly feed: Feed;
  readonly handler: Handler;
  readonly seeds: Seeds;
  readonly checkpoints: Checkpoints;
  readonly now: () => number;
  readonly onFailed: (error: unknown) => void;
}): DrawEntriesWorker => {
  const { feed, handler, checkpoints, now, onFailed } = options;
  const enterDraw = createEnterDraw(options.seeds);
  let savedAt = 0;

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
    const { tenant, occurredAt, correlationId } = fact.metadata;
    const context: CommandContext = {
      ...{ tenant, now: now(), correlationId, causationId: fact.id },
      actor: { kind: 'worker', id: name },
      idempotencyKey: `${name} ${fact.id}`,
    };
    if (event.type === 'PurchaseConfirmed') {
      return enter(userId, event.data, Date.parse(occurredAt), context);
    }
    if (event.type === 'PurchaseReturned' && !event.data.complete) return;
    return withdraw(userId, event.data.purchaseId, context);
  };

  const carryOut = async (fact: Fact, signal: AbortSignal): Promise<void> => {
    try {
      await persevere(() => react(fact), signal, onFailed);
    } catch (error) {
      // A draw that closed or filled up in the meantime: the purchase came too late for it.
      if (!(error instanceof Rejected)) throw error;
      onFailed(error);
    }
  };

  const save = async (position: Position, signal: AbortSignal): Promise<void> => {
    if (now() < savedAt + savedEveryMs) return;
    savedAt = now();
    await persevere(() => checkpoints.save(name, position), signal, onFailed);
  };

  return {
    run: async (signal) => {
      try {
        const from = await persevere(() => checkpoints.load(name), signal, onFailed);
        const filter = { eventTypes: [...eventTypes] };
        for await (const item of feed.subscribe({ from, filter, signal })) {
          if (item.kind === 'fact') {
            await carryOut(item.fact, signal);
            await save(item.fact.position, signal);
          } else if (item.kind === 'checkpoint') await save(item.position, signal);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
};
