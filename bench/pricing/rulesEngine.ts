/**
 * The same conditions written for json-rules-engine: its `all`, `any` and `not`, an operator for lists that overlap, a fact with
 * parameters for what certain lines come to. It only says which campaigns hold; what they give it does not calculate.
 */
import type { Campaign } from '../../domain/pricing/campaign.js';
import type { Condition } from '../../domain/pricing/conditionTree.js';
import { localTime } from '../../domain/pricing/localTime.js';
import type { BasketLine } from '../../domain/pricing/basketLines.js';
import type { Sale } from './shop.js';

/** What the bench uses of json-rules-engine 7. */
interface Almanac {
  readonly factValue: <Value>(fact: string) => Promise<Value>;
}
export interface RulesEngine {
  readonly addRule: (rule: object) => void;
  readonly addOperator: (name: string, test: (fact: never, value: never) => boolean) => void;
  readonly addFact: (
    name: string,
    value: (
      params: { field: LineField; values: string[]; sum: 'quantity' | 'amount' },
      almanac: Almanac,
    ) => Promise<number>,
  ) => void;
  readonly run: (facts: object) => Promise<{ events: { type: string }[] }>;
}
interface RulesEnginePackage {
  readonly Engine: new (rules: object[], options: object) => RulesEngine;
}

type LineField = 'productId' | 'category' | 'brand';

// Not a literal, so that the bench runs without the package and says what is missing.
const packageName = 'json-rules-engine';

export const loadRulesEngine = async (): Promise<RulesEnginePackage | null> => {
  try {
    return (await import(packageName)) as RulesEnginePackage;
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
};

const minutesOf = (clock: string): number =>
  Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

const sumOf = (lines: Condition, sum: 'quantity' | 'amount', min: number): object => {
  if (!('kind' in lines)) throw new Error('The bench sums simple lines only.');
  const params =
    lines.kind === 'brand'
      ? { field: 'brand', values: lines.brands }
      : lines.kind === 'category'
        ? { field: 'category', values: lines.categories }
        : null;
  if (!params) throw new Error(`The bench does not sum lines by ${lines.kind}.`);
  const fact = { fact: 'sumOfLines', params: { ...params, sum } };
  return { ...fact, operator: 'greaterThanInclusive', value: min };
};

const translate = (tree: Condition): object => {
  if ('and' in tree) return { all: tree.and.map(translate) };
  if ('or' in tree) return { any: tree.or.map(translate) };
  if ('not' in tree) return { not: translate(tree.not) };
  const overlap = (fact: string, value: readonly unknown[]) => ({
    fact,
    operator: 'overlaps',
    value,
  });
  const among = (fact: string, value: readonly unknown[]) => ({ fact, operator: 'in', value });
  switch (tree.kind) {
    case 'product':
      return overlap('products', tree.productIds);
    case 'category':
      return overlap('categories', tree.categories);
    case 'segment':
      return overlap('segments', tree.segments);
    case 'coupon':
      return overlap('coupons', tree.series);
    case 'tier':
      return among('tier', tree.tiers);
    case 'merchant':
      return among('merchant', tree.merchantIds);
    case 'weekday':
      return among('weekday', tree.days);
    case 'hours':
      return {
        all: [
          { fact: 'minute', operator: 'greaterThanInclusive', value: minutesOf(tree.from) },
          { fact: 'minute', operator: 'lessThan', value: minutesOf(tree.until) },
        ],
      };
    case 'receipt-total':
      return { fact: 'total', operator: 'greaterThanInclusive', value: tree.min ?? 0 };
    case 'first-purchase':
      return { fact: 'purchase', operator: 'equal', value: 1 };
    case 'nth-purchase':
      return { fact: 'purchase', operator: 'multipleOf', value: tree.nth };
    case 'contains':
      return tree.quantity
        ? sumOf(tree.lines, 'quantity', tree.quantity.min ?? 0)
        : sumOf(tree.lines, 'amount', tree.amount?.min ?? 0);
    default:
      throw new Error(`The bench has no translation of ${tree.kind}.`);
  }
};

const isBelow = (of: string, value: string): boolean => of === value || of.startsWith(`${value}/`);

const topLevel = (condition: object): object =>
  'all' in condition || 'any' in condition || 'not' in condition ? condition : { all: [condition] };

export const rulesFor = (
  { Engine: EngineOf }: RulesEnginePackage,
  campaigns: readonly Campaign[],
): RulesEngine => {
  const engine = new EngineOf([], { allowUndefinedFacts: true });
  engine.addOperator('overlaps', (fact: ReadonlySet<string>, value: string[]) =>
    value.some((one) => fact.has(one)),
  );
  engine.addOperator('multipleOf', (fact: number, value: number) => fact % value === 0);
  engine.addFact('sumOfLines', async ({ field, values, sum }, almanac) => {
    const lines = await almanac.factValue<BasketLine[]>('lines');
    let total = 0;
    for (const line of lines) {
      const of = line[field] ?? '';
      if (values.some((value) => isBelow(of, value))) total += line[sum];
    }
    return total;
  });
  for (const { campaignId, when } of campaigns) {
    if (when)
      engine.addRule({ conditions: topLevel(translate(when)), event: { type: campaignId } });
  }
  return engine;
};

/** One receipt as the facts of a run. */
export const factsFor = ({ receipt, customer }: Sale): object => {
  const local = localTime(receipt.at, receipt.timeZone);
  const paths = receipt.lines.flatMap(({ category }) =>
    category ? [category, category.slice(0, category.indexOf('/'))] : [],
  );
  return {
    lines: receipt.lines,
    products: new Set(receipt.lines.map(({ productId }) => productId)),
    categories: new Set(paths),
    segments: new Set(customer.segments),
    coupons: new Set(receipt.coupons?.map(({ series }) => series)),
    tier: customer.tier,
    merchant: receipt.merchantId,
    weekday: local.weekday,
    minute: local.minute,
    total: receipt.lines.reduce((sum, { amount }) => sum + amount, 0),
    purchase: (customer.purchases ?? 0) + 1,
  };
};
