/**
 * A draft campaign over receipts of the past: each is priced once more by the same function that prices it at the till, with the
 * draft among the campaigns that were in force, and compared with what was recorded.
 *
 * People are taken to have bought the same: the same goods, the same points asked for. So the cost of the draft is what these very
 * receipts would have cost, which no forecast of other behaviour is mixed into. What an account has to say of itself is kept on the
 * way: its purchases so far, its tier, and how often it used the draft. Goods that came back later are not taken off: the figures
 * are those at the till, before returns.
 */
import { shareDown } from '../amount.js';
import type { UserId } from '../ids.js';
import type { Campaign } from '../pricing/campaign.js';
import type { BasketLine } from '../pricing/basketLines.js';
import type { Customer } from '../pricing/facts.js';
import { localTime } from '../pricing/localTime.js';
import { type PricedTotals, priceTotals } from '../pricing/price.js';
import type { ProgrammeRule } from '../programme/rule.js';
import { Rejected } from '../rejected.js';
import { chanceOf, type Circumstances } from './chance.js';
import { createDraftLimits } from './limits.js';
import {
  addTo,
  addToKey,
  noFigures,
  noTier,
  partsOf,
  type SimulatedFigures,
  type SimulationReport,
  type Sums,
} from './report.js';
import type { RecordedReceipt, World } from './world.js';

export interface Simulation {
  /** Purchases that a customer had made before the first receipt, and that were not wholly returned by then. */
  begin(userId: UserId, purchases: number): void;
  /** In the order of their time. Answers with what the draft would make of it; null where it has no chance or no price. */
  receipt(recorded: RecordedReceipt): PricedTotals | null;
  /** A purchase of the customer was cancelled or wholly returned. */
  undone(userId: UserId): void;
  report(): SimulationReport;
}

/** `draft` has passed domain/pricing/faults.ts, and is what `world.campaigns` puts among the others. */
export const createSimulation = (draft: Campaign, world: World): Simulation => {
  const { campaignId, version } = draft;
  const limits = createDraftLimits(draft);
  const purchases = new Map<UserId, number>();
  const totals = noFigures();
  const recordedSums = { total: 0, discount: 0, pointsEarned: 0, pointsRedeemed: 0 };
  const effects = new Map<string, number>();
  const unpriced = new Map<string, number>();
  const refused = new Map<string, number>();
  const by = {
    merchant: new Map() as Sums,
    tier: new Map() as Sums,
    segment: new Map() as Sums,
    day: new Map() as Sums,
  };

  const chance = chanceOf(draft);

  const priced = (
    recorded: RecordedReceipt,
    customer: Customer | null,
    rule: ProgrammeRule,
    day: string,
  ): PricedTotals | null => {
    const { at, merchantId, pointOfSaleId, userId, pointsRedeemed } = recorded;
    const left = limits.remaining(userId, { merchantId, day });
    const campaigns = world.campaigns(at);
    const lines = campaigns.asked.catalogue
      ? recorded.lines.map((line) => lineOf(line, world))
      : recorded.lines;
    try {
      return priceTotals({
        receipt: { at, merchantId, pointOfSaleId, timeZone: world.timeZone(merchantId), lines },
        customer,
        campaigns,
        rule,
        redeemPoints: pointsRedeemed,
        // Less may be left to pay than the points were asked for.
        tooManyPoints: 'limit',
        ...(left && { remaining: { [campaignId]: left } }),
      });
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      add(unpriced, error.code, 1);
      return null;
    }
  };

  const figuresOf = (
    result: PricedTotals,
    was: { readonly discount: number; readonly pointsEarned: number },
    rule: ProgrammeRule,
  ): SimulatedFigures => {
    const own = result.applied.find((one) => one.campaignId === campaignId);
    const points = own?.points ?? 0;
    for (const { kind } of own?.effects ?? []) add(effects, kind, 1);
    const refusal = own ? undefined : result.refused.find((one) => one.campaignId === campaignId);
    if (refusal) add(refused, refusal.code, 1);
    return {
      receipts: 1,
      touched: own ? 1 : 0,
      discount: own?.discount ?? 0,
      points,
      liability: shareDown(points, rule.pointValue, 100),
      discountChange: result.discount - was.discount,
      pointsChange: result.pointsEarned - was.pointsEarned,
    };
  };

  const count = (
    recorded: RecordedReceipt,
    was: number,
    one: SimulatedFigures,
    { tier, segments, local }: Circumstances,
  ): void => {
    const { merchantId, pointsEarned, pointsRedeemed } = recorded;
    addTo(totals, one);
    recordedSums.total += recorded.total ?? totalIn(recorded);
    recordedSums.discount += was;
    recordedSums.pointsEarned += pointsEarned;
    recordedSums.pointsRedeemed += pointsRedeemed;
    addToKey(by.merchant, String(merchantId), one);
    addToKey(by.tier, tier ?? noTier, one);
    addToKey(by.day, local.date, one);
    for (const segment of segments) addToKey(by.segment, segment, one);
  };

  const receipt = (recorded: RecordedReceipt): PricedTotals | null => {
    const { at, merchantId, userId, pointsEarned, pointsRedeemed } = recorded;
    const before = userId === null ? 0 : (purchases.get(userId) ?? 0);
    if (userId !== null) purchases.set(userId, before + 1);
    const around: Circumstances = {
      goods: world.goods,
      local: localTime(at, world.timeZone(merchantId)),
      tier: userId === null ? null : world.tier(userId, at),
      segments: userId === null ? noSegments : world.segments(userId),
    };
    const discount = recorded.discount ?? discountIn(recorded);
    if (!chance(recorded, around)) {
      count(recorded, discount, asRecorded, around);
      return null;
    }
    const rule = world.rule(recorded.ruleVersion, at);
    if (rule === null) {
      add(unpriced, 'no-programme-rule', 1);
      return null;
    }
    const { tier, segments } = around;
    const customer =
      userId === null ? null : { activePoints: pointsRedeemed, tier, segments, purchases: before };
    const day = around.local.date;
    const result = priced(recorded, customer, rule, day);
    if (!result) return null;
    const one = figuresOf(result, { discount, pointsEarned }, rule);
    if (one.touched > 0) {
      const given = { amount: one.discount, points: one.points, uses: 1 };
      limits.spend(userId, { ...given, merchantId, day });
    }
    count(recorded, discount, one, around);
    return result;
  };

  return {
    begin: (userId, before) => void purchases.set(userId, before),
    receipt,
    undone: (userId) => void purchases.set(userId, Math.max(0, (purchases.get(userId) ?? 0) - 1)),
    report: () => ({
      campaignId,
      version,
      totals: { ...totals },
      recorded: { ...recordedSums },
      effects: Object.fromEntries(effects),
      unpriced: Object.fromEntries(unpriced),
      refused: Object.fromEntries(refused),
      byMerchant: partsOf(by.merchant),
      byTier: partsOf(by.tier),
      bySegment: partsOf(by.segment),
      byDay: partsOf(by.day),
    }),
  };
};

const noSegments: readonly string[] = [];

/** The draft has no chance with it. */
const asRecorded: SimulatedFigures = { ...noFigures(), receipts: 1 };

const add = (counts: Map<string, number>, key: string, by: number): void =>
  void counts.set(key, (counts.get(key) ?? 0) + by);

/** Written out: all lines have the same fields in the same order, which makes reading them fast. */
const lineOf = (line: RecordedReceipt['lines'][number], world: World): BasketLine => {
  const goods = world.goods(line.productId);
  return {
    position: line.position,
    productId: line.productId,
    quantity: line.quantity,
    price: line.price,
    amount: line.amount,
    category: goods?.category ?? null,
    brand: goods?.brand ?? null,
    attributes: goods?.attributes ?? none,
  };
};
const none = {};

const totalIn = ({ lines }: RecordedReceipt): number => {
  let sum = 0;
  for (const { amount } of lines) sum += amount;
  return sum;
};

const discountIn = ({ lines }: RecordedReceipt): number => {
  let sum = 0;
  for (const { amount, net } of lines) if (net !== undefined) sum += amount - net;
  return sum;
};
