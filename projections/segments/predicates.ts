/**
 * Conditions on accounts as SQL: what domain/segment says of one account's figures, said of all accounts at once. A property test
 * holds the two together.
 *
 * A tree becomes a predicate over columns, and the columns are sums over an account's purchases or lines, all of them made in one
 * pass: `purchases` over read.purchases, `lines` over its lines. What a condition needs of neither costs neither.
 */
import { comparableLanguages } from '../../domain/language.js';
import { boundsOf, type Moment } from '../../domain/segment/arguments.js';
import type { SimpleAccountCondition } from '../../domain/segment/conditions.js';
import type { AccountTree } from '../../domain/segment/conditionTree.js';
import { dayMs } from '../../domain/segment/figures.js';

/** Collects what the statement needs, in the order in which it is asked for. */
export interface Sink {
  /** `$n` of this value. */
  readonly add: (value: unknown) => string;
  /** The column of this aggregate over an account's counted purchases `p`; null for who has none. */
  readonly ofPurchases: (aggregate: string) => string;
  /** As above over the lines `l` of counted purchases of which something was kept, with the product `c` of each. */
  readonly ofLines: (aggregate: string) => string;
  /** The column with the account's tier; null where it has none. */
  readonly tier: () => string;
  /** The column with the language that the customer chose; null where they chose none. */
  readonly language: () => string;
  readonly asOf: number;
}

type Kind = SimpleAccountCondition['kind'];
type Of<Name extends Kind> = Extract<SimpleAccountCondition, { kind: Name }>;

const timeOf = (sink: Sink, ms: number): string => `to_timestamp(${sink.add(ms)}::float8 / 1000)`;

const since = (sink: Sink, { days }: { readonly days?: number }): string =>
  days === undefined ? 'true' : `p.occurred_at > ${timeOf(sink, sink.asOf - days * dayMs)}`;

const within = (
  sink: Sink,
  column: string,
  { min, max }: { readonly min?: number; readonly max?: number },
): string =>
  [
    ...(min === undefined ? [] : [`${column} >= ${sink.add(min)}::bigint`]),
    ...(max === undefined ? [] : [`${column} <= ${sink.add(max)}::bigint`]),
  ].join(' and ') || 'true';

/** What never happened is null, and null is within no bounds. */
const at = (sink: Sink, column: string, moment: Moment): string => {
  const { after, upTo } = boundsOf(moment, sink.asOf);
  const upper = `${column} <= ${timeOf(sink, upTo)}`;
  const bounded = Number.isFinite(after)
    ? `${column} > ${timeOf(sink, after)} and ${upper}`
    : upper;
  return `coalesce(${bounded}, false)`;
};

/** Each is true or false of every account, never null: `not` could not turn a null around. */
const predicates: { readonly [Name in Kind]: (given: Of<Name>, sink: Sink) => string } = {
  purchases: (given, sink) => {
    const count = sink.ofPurchases(`count(*) filter (where ${since(sink, given)})`);
    return within(sink, `coalesce(${count}, 0)`, given);
  },
  spent: (given, sink) => {
    const net = `sum(p.total - p.returned_amount) filter (where ${since(sink, given)})`;
    return within(sink, `coalesce(${sink.ofPurchases(net)}, 0)`, given);
  },
  'last-purchase': (given, sink) => at(sink, sink.ofPurchases('max(p.occurred_at)'), given),
  'first-purchase': (given, sink) => at(sink, sink.ofPurchases('min(p.occurred_at)'), given),
  enrolled: (given, sink) => at(sink, 'a.enrolled_at', given),
  points: (given, sink) => within(sink, 'a.active', given),
  tier: ({ tiers }, sink) => some(`${sink.tier()} = any(${sink.add(tiers)}::text[])`),
  language: ({ languages }, sink) => {
    const column = `lower(${sink.language()})`;
    const wanted = comparableLanguages(languages);
    const exactly = `${column} = any(${sink.add(wanted)}::text[])`;
    const kinds = sink.add(wanted.map((one) => `${one}-%`));
    return some(`(${exactly} or ${column} like any(${kinds}::text[]))`);
  },
  merchant: (given, sink) => {
    const where = `p.merchant_id = any(${sink.add(given.merchants)}::integer[])`;
    return some(sink.ofPurchases(`bool_or(${where} and ${since(sink, given)})`));
  },
  product: (given, sink) => {
    const which = `l.product_id = any(${sink.add(given.products)}::text[])`;
    return some(sink.ofLines(`bool_or(${which} and ${since(sink, given)})`));
  },
  category: (given, sink) => {
    // A product that the catalogue does not know has none.
    const which = `coalesce(c.category = any(${sink.add(given.categories)}::text[]), false)`;
    return some(sink.ofLines(`bool_or(${which} and ${since(sink, given)})`));
  },
};

const some = (column: string): string => `coalesce(${column}, false)`;

export const predicateOf = (tree: AccountTree, sink: Sink): string => {
  if ('and' in tree) return `(${tree.and.map((part) => predicateOf(part, sink)).join(' and ')})`;
  if ('or' in tree) return `(${tree.or.map((part) => predicateOf(part, sink)).join(' or ')})`;
  if ('not' in tree) return `not (${predicateOf(tree.not, sink)})`;
  const predicate = predicates[tree.kind] as (given: typeof tree, sink: Sink) => string;
  return `(${predicate(tree, sink)})`;
};
