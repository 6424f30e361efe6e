/**
 * Who belongs to a dynamic or analytic segment, as a query over the read models: `select user_id, cell` of a range of accounts.
 *
 * A range is all accounts after one user id up to another. Every index that is used begins with tenant and user id, so ranges taken
 * one after the other cost as much as all at once, and none keeps the database or the memory busy for long.
 */
import type { AccountTree } from '../../domain/segment/conditionTree.js';
import type { SegmentDefinition } from '../../domain/segment/definition.js';
import { dayMs } from '../../domain/segment/figures.js';
import {
  fifths,
  fixedScales,
  type Rfm,
  type RfmScales,
  type Scale,
} from '../../domain/segment/rfm.js';
import { parameters, type Reader } from '../pages.js';
import { predicateOf, type Sink } from './predicates.js';

/** Accounts with `after` < user id <= `upTo`; null: no bound. */
export interface Range {
  readonly after: string | null;
  readonly upTo: string | null;
}

export interface Question {
  readonly tenant: string;
  readonly definition: SegmentDefinition;
  /** Milliseconds. */
  readonly asOf: number;
  /** Of an analysis: see `scalesFor`. */
  readonly scales: RfmScales | null;
}

export type Parameters = ReturnType<typeof parameters>;

/** Neither cancelled nor wholly returned. */
const counted = `p.user_id is not null and p.status in ('confirmed', 'partlyReturned')`;

const timeOf = (add: Parameters['add'], ms: number): string =>
  `to_timestamp(${add(ms)}::float8 / 1000)`;

export const inRange = (add: Parameters['add'], column: string, { after, upTo }: Range): string =>
  [
    ...(after === null ? [] : [`${column} > ${add(after)}`]),
    ...(upTo === null ? [] : [`${column} <= ${add(upTo)}`]),
  ]
    .map((bound) => ` and ${bound}`)
    .join('');

/** The text of a query with columns user_id and cell. Its values are added to `into`. */
export const wantedQuery = (question: Question, range: Range, into: Parameters): string => {
  const { definition, scales } = question;
  switch (definition.kind) {
    case 'static':
      throw new Error('A list has members because people put them there: there is nothing to ask.');
    case 'dynamic':
      return dynamicQuery(question, definition.when, range, into);
    case 'analytic':
      if (!scales) throw new Error('An analysis needs its scales: ask for them first.');
      return rfmQuery(question, definition, scales, range, into);
  }
};

const dynamicQuery = (
  { tenant, asOf }: Question,
  when: AccountTree,
  range: Range,
  { add }: Parameters,
): string => {
  const ofPurchases: string[] = [];
  const ofLines: string[] = [];
  let withTier = false;
  let withLanguage = false;
  const column = (columns: string[], table: string) => (aggregate: string) =>
    `${table}.f${columns.push(aggregate)}`;
  const sink: Sink = {
    add,
    asOf,
    ofPurchases: column(ofPurchases, 'bought'),
    ofLines: column(ofLines, 'goods'),
    tier: () => {
      withTier = true;
      return 'has.tier';
    },
    language: () => {
      withLanguage = true;
      return 'told.language';
    },
  };
  const predicate = predicateOf(when, sink);
  const named = (columns: readonly string[]) =>
    columns.map((aggregate, index) => `${aggregate} as f${index + 1}`).join(', ');
  /** Asked for only where it is used: PostgreSQL refuses a parameter that it finds nowhere. */
  const which = () =>
    `p.tenant = ${add(tenant)} and ${counted} and p.occurred_at <= ${timeOf(add, asOf)}
      ${inRange(add, 'p.user_id', range)}`;
  const bought =
    ofPurchases.length === 0
      ? ''
      : `left join (select p.user_id, ${named(ofPurchases)} from read.purchases as p
          where ${which()} group by p.user_id) as bought using (user_id)`;
  const goods =
    ofLines.length === 0
      ? ''
      : `left join (select p.user_id, ${named(ofLines)} from read.purchases as p
          join read.purchase_lines as l on l.purchase_position = p.position
            and l.quantity > l.returned_quantity
          left join read.products as c on c.tenant = p.tenant and c.product_id = l.product_id
          where ${which()} group by p.user_id) as goods using (user_id)`;
  const has = withTier
    ? 'left join read.customer_tiers as has on has.tenant = a.tenant and has.user_id = a.user_id'
    : '';
  const told = withLanguage
    ? 'left join read.customers as told on told.tenant = a.tenant and told.user_id = a.user_id'
    : '';
  return `select a.user_id, null::text as cell from read.balances as a ${bought} ${goods} ${has} ${told}
    where a.tenant = ${add(tenant)} and a.status = 'active' ${inRange(add, 'a.user_id', range)}
      and ${predicate}`;
};

/** Columns user_id, last_ms, purchases, net of who bought in the window. */
const rfmFigures = (
  { tenant, asOf }: Pick<Question, 'tenant' | 'asOf'>,
  { days }: Rfm,
  range: Range,
  add: Parameters['add'],
): string =>
  `select p.user_id, (extract(epoch from max(p.occurred_at)) * 1000)::bigint as last_ms,
      count(*) as purchases, sum(p.total - p.returned_amount)::bigint as net
    from read.purchases as p
    join read.balances as a on a.tenant = p.tenant and a.user_id = p.user_id and a.status = 'active'
    where p.tenant = ${add(tenant)} and ${counted} and p.occurred_at <= ${timeOf(add, asOf)}
      ${days === undefined ? '' : `and p.occurred_at > ${timeOf(add, asOf - days * dayMs)}`}
      ${inRange(add, 'p.user_id', range)}
    group by p.user_id`;

const rfmQuery = (
  question: Question,
  rfm: Rfm,
  { recency, frequency, monetary }: RfmScales,
  range: Range,
  { add }: Parameters,
): string => {
  const score = (column: string, { beyond, bounds }: Scale): string =>
    `(1 + ${bounds
      .map((bound) => `(${column} ${beyond === 'above' ? '>' : '>='} ${add(bound)}::bigint)::int`)
      .join(' + ')})`;
  const cell = [
    score('last_ms', recency),
    score('purchases', frequency),
    score('net', monetary),
  ].join(` || '_' || `);
  return `select user_id, ${cell} as cell from (${rfmFigures(question, rfm, range, add)}) as figures`;
};

/** The bounds between the scores: fixed, or the fifths of all who bought. Null for what is no analysis. */
export const scalesFor = async (
  db: Reader,
  question: Omit<Question, 'scales'>,
): Promise<RfmScales | null> => {
  const { definition, asOf } = question;
  if (definition.kind !== 'analytic') return null;
  const fixed = fixedScales(definition, asOf);
  if (fixed) return fixed;
  const { values, add } = parameters();
  const figures = rfmFigures(question, definition, { after: null, upTo: null }, add);
  const shares = `${add(fifths)}::float8[]`;
  const at = (column: string) => `percentile_disc(${shares}) within group (order by ${column})`;
  const { rows } = await db.query<Record<'recency' | 'frequency' | 'monetary', unknown[] | null>>(
    `select ${at('last_ms')} as recency, ${at('purchases')} as frequency, ${at('net')} as monetary
      from (${figures}) as figures`,
    values,
  );
  const scale = (bounds: unknown[] | null | undefined): Scale => ({
    beyond: 'above',
    bounds: (bounds ?? fifths.map(() => 0)).map(Number),
  });
  const [row] = rows;
  return {
    recency: scale(row?.recency),
    frequency: scale(row?.frequency),
    monetary: scale(row?.monetary),
  };
};
