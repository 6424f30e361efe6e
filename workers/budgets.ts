/**
 * Settles what receipts reserved of the budgets of campaigns: spent once the receipt is in the log, released where it was decided
 * without the campaign or never came, given back when goods come back.
 *
 * At least once, in the order of the log: every command answers one fact and says which, so a repeat decides nothing however old it
 * is. The position that is kept lies before the oldest reservation still open, so a restart finds it again. What was released and
 * is found in the log after all is charged then: nobody's discount is forgotten.
 */
import type { BudgetReserved } from '../domain/budget/budget.js';
import { type ReceiptName, receiptKey } from '../domain/budget/state.js';
import type { EventOf } from '../domain/event.js';
import type { Fact, Position } from '../domain/fact.js';
import type { TenantId } from '../domain/ids.js';
import type { CampaignId } from '../domain/pricing/campaign.js';
import { parseStreamName } from '../domain/stream.js';
import {
  giveBackToBudget,
  releaseOfBudget,
  spendOfBudget,
} from '../commands/campaign/settleBudget.js';
import type { CommandContext } from '../commands/command.js';
import type { Handler } from '../commands/handle.js';
import type { Feed } from '../projections/feed.js';
import {
  type BudgetFact,
  budgetFactOf,
  confirmations,
  reversals,
  type Share,
} from './budgetFacts.js';
import type { Checkpoints } from './checkpoints.js';
import { createFollowing } from './following.js';
import { carryOut } from './persevere.js';

/** An append has a deadline of seconds: a receipt that is not recorded by then never will be. */
export const recordedWithinMs = 120_000;
const name = 'budgets';

interface Open {
  readonly fact: Fact;
  readonly campaignId: CampaignId;
  readonly receipt: ReceiptName;
  /** Milliseconds: with the receipt it tells one reservation from the next. */
  readonly until: number;
  /** Of the fact before it: where a restart has to begin to see it again. */
  readonly before: Position | null;
}

export interface BudgetsWorker {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Releases what is overdue as of now; `run` does it every 5 s. */
  sweep(signal: AbortSignal): Promise<void>;
  readonly open: () => number;
}

export const createBudgetsWorker = (options: {
  readonly feed: Feed;
  readonly handler: Handler;
  readonly checkpoints: Checkpoints;
  readonly now: () => number;
  /** The log or the database did not answer: it is tried again. */
  readonly onFailed: (error: unknown) => void;
}): BudgetsWorker => {
  const { feed, handler, now, onFailed } = options;
  const { campaigns } = handler.directory;
  /** By tenant, receipt and campaign, in the order they were met in. */
  const open = new Map<string, Open>();
  /** Of the receipt's keys in `open`. */
  const byReceipt = new Map<string, Set<string>>();
  /** Everything that the log has handed out is done: what is not there by its time will not come. */
  let abreast = false;

  const contextOf = ({ id, metadata }: Fact): CommandContext => ({
    tenant: metadata.tenant,
    actor: { kind: 'worker', id: name },
    now: now(),
    idempotencyKey: `${name} ${id}`,
    correlationId: metadata.correlationId,
    causationId: id,
  });

  /** A campaign without budgets has no stream to charge. */
  const isBudgeted = (tenant: TenantId, { campaignId, version }: Share): boolean => {
    const definition = campaigns.definition(tenant, campaignId, version);
    // It was written down before the receipt was: the directory is about to hear of it.
    if (!definition) throw new Error(`version ${version} of ${campaignId} is not known yet`);
    return definition.limits?.budgets !== undefined;
  };

  const charged = (fact: Fact, { merchantId, day }: BudgetFact, share: Share) => {
    const { tenant } = fact.metadata;
    const timeZone = handler.directory.merchant(tenant, merchantId)?.timeZone ?? 'UTC';
    const { discount: amount, points, uses } = share;
    return { amount, points, uses, merchantId, day: day(timeZone) };
  };

  const keyOf = (tenant: TenantId, receipt: ReceiptName): string =>
    `${tenant} ${receiptKey(receipt)}`;

  const forget = (receipt: string, key: string): void => {
    open.delete(key);
    const keys = byReceipt.get(receipt);
    keys?.delete(key);
    if (keys?.size === 0) byReceipt.delete(receipt);
  };

  const release = async ({ fact, campaignId, receipt, until }: Open, reason: string) => {
    await handler.handle(releaseOfBudget, { campaignId, receipt, until, reason }, contextOf(fact));
  };

  const spend = async (fact: Fact): Promise<void> => {
    const told = budgetFactOf(fact);
    const { tenant } = fact.metadata;
    const { receipt } = told;
    const answers = String(fact.position);
    for (const share of told.shares) {
      if (!isBudgeted(tenant, share)) continue;
      const { campaignId } = share;
      const input = { campaignId, receipt, charge: charged(fact, told, share), answers };
      await handler.handle(spendOfBudget, input, contextOf(fact));
    }
    const key = keyOf(tenant, receipt);
    for (const one of [...(byReceipt.get(key) ?? [])]) {
      const reservation = open.get(one);
      if (reservation) await release(reservation, 'the receipt was decided without the campaign');
      forget(key, one);
    }
  };

  const giveBack = async (fact: Fact): Promise<void> => {
    const told = budgetFactOf(fact);
    const { receipt, cause } = told;
    const answers = String(fact.position);
    for (const share of told.shares) {
      if (!isBudgeted(fact.metadata.tenant, share)) continue;
      const { campaignId } = share;
      const input = { campaignId, receipt, charge: charged(fact, told, share), cause, answers };
      await handler.handle(giveBackToBudget, input, contextOf(fact));
    }
  };

  const note = (fact: Fact): void => {
    const { purchaseId, userId, tillId, until } = fact.data as EventOf<
      typeof BudgetReserved
    >['data'];
    const receipt = { purchaseId, userId, tillId };
    const campaignId = parseStreamName(fact.stream)?.id as CampaignId;
    const receiptOf = keyOf(fact.metadata.tenant, receipt);
    const key = `${receiptOf} ${campaignId}`;
    open.delete(key); // one made anew moves to the end
    open.set(key, { fact, campaignId, receipt, until, before: following.processed() });
    const keys = byReceipt.get(receiptOf) ?? new Set<string>();
    byReceipt.set(receiptOf, keys.add(key));
  };

  const sweep = async (signal: AbortSignal): Promise<void> => {
    for (const [key, reservation] of open) {
      const { fact, receipt } = reservation;
      if (!abreast || signal.aborted || fact.recordedAt + recordedWithinMs > now()) return;
      const what = () => release(reservation, 'the receipt came to nothing');
      await carryOut(what, signal, onFailed);
      if (open.get(key) === reservation) forget(keyOf(fact.metadata.tenant, receipt), key);
    }
  };

  const take = async (fact: Fact, signal: AbortSignal): Promise<void> => {
    const wasAbreast = abreast;
    abreast = false;
    if (fact.type === 'BudgetReserved') note(fact);
    else if (isConfirmation(fact.type)) await carryOut(() => spend(fact), signal, onFailed);
    else await carryOut(() => giveBack(fact), signal, onFailed);
    abreast = wasAbreast;
  };

  const following = createFollowing({
    ...{ name, feed, checkpoints: options.checkpoints, now, onFailed, take, sweep },
    eventTypes: ['BudgetReserved', ...confirmations, ...reversals],
    resumeFrom: (processed) => {
      const [oldest] = open.values();
      return oldest ? oldest.before : processed;
    },
    onStart: () => (abreast = false),
    onCaughtUp: () => (abreast = true),
  });

  return { run: following.run, sweep, open: () => open.size };
};

const isConfirmation = (type: string): boolean =>
  (confirmations as readonly string[]).includes(type);
