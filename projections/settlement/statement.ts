/**
 * Questions to the settlement: a month's statement pair by pair, what each merchant is owed in all, and the single debts behind
 * both. Money is minor units, points hundredths, a month is written 2011-11.
 *
 * The issuer owes the taker. Both directions of a pair stand by themselves; their difference is what would be paid.
 */
import type { Position } from '../../domain/fact.js';
import { live, numberOf, type Page, type PageRequest, type Reader, timeOf } from '../pages.js';
import { readPage } from '../readPage.js';
import { checkedSchema } from '../schema.js';
import type { EntryKind } from './changes.js';

export interface SettlementQuestion {
  readonly tenant: string;
  readonly month: string;
  /** Null: every merchant of the tenant; else what it owes and is owed. */
  readonly merchantId: number | null;
}

export interface StatementRow {
  /** Who issued the points, 0 for the programme itself. */
  readonly issuerId: number;
  readonly takerId: number;
  /** Owed at the beginning of the month. */
  readonly opening: number;
  readonly redeemed: number;
  /** Not more than zero, like all that returns take back. */
  readonly restored: number;
  readonly clawedBack: number;
  /** What gift cards paid, less what went back onto them. */
  readonly giftCards: number;
  /** opening + redeemed + restored + clawedBack + giftCards */
  readonly closing: number;
  /** Of the month: redeemed, restored and clawed back together. */
  readonly points: number;
}

type Row = Readonly<Record<string, unknown>>;

const firstOf = (month: string): string => `${month}-01`;

const value = 'redeemed_value + restored_value + clawed_back_value + gift_card_value';
const of = `tenant = $1 and month <= $2::date and ($3::integer is null or issuer_id = $3 or taker_id = $3)`;

/** Pairs that owed anything or moved, in the order of issuer and taker. */
export const statementOf = async (
  db: Reader,
  { tenant, month, merchantId, ...page }: SettlementQuestion & PageRequest,
  schema = live,
): Promise<Page<StatementRow>> => {
  const inMonth = (figure: string): string =>
    `coalesce(sum(${figure}) filter (where month = $2::date), 0)`;
  return readPage(db, page, {
    key: { issuer_id: 'integer', taker_id: 'integer' },
    values: [tenant, firstOf(month), merchantId],
    sql: (after, limit) =>
      `select * from (
          select issuer_id, taker_id,
            coalesce(sum(${value}) filter (where month < $2::date), 0) as opening,
            ${inMonth('redeemed_value')} as redeemed, ${inMonth('restored_value')} as restored,
            ${inMonth('clawed_back_value')} as clawed_back, ${inMonth('gift_card_value')} as gift_cards,
            sum(${value}) as closing,
            ${inMonth('redeemed_points + restored_points + clawed_back_points')} as points,
            bool_or(month = $2::date) as moved
          from ${checkedSchema(schema)}.settlement_months where ${of}
          group by issuer_id, taker_id) as pairs
        where (moved or opening <> 0) and ${after}
        order by issuer_id, taker_id limit ${limit}`,
    toView: toRow,
  });
};

const keyOf = (row: Row, name: string): number => Number(row[name]);

const toRow = (row: Row): StatementRow => ({
  issuerId: keyOf(row, 'issuer_id'),
  takerId: keyOf(row, 'taker_id'),
  opening: numberOf(row['opening']),
  redeemed: numberOf(row['redeemed']),
  restored: numberOf(row['restored']),
  clawedBack: numberOf(row['clawed_back']),
  giftCards: numberOf(row['gift_cards']),
  closing: numberOf(row['closing']),
  points: numberOf(row['points']),
});

export interface NetPosition {
  readonly merchantId: number;
  /** Minor units that others owe it, and that it owes others, at the end of the month. */
  readonly owed: number;
  readonly owes: number;
  /** owed - owes. Adds up to zero over all merchants and the programme. */
  readonly net: number;
}

/** At the end of the month, in the order of merchants. */
export const netPositions = async (
  db: Reader,
  { tenant, month, ...page }: Omit<SettlementQuestion, 'merchantId'> & PageRequest,
  schema = live,
): Promise<Page<NetPosition>> => {
  const toNet = (row: Row): NetPosition => {
    const owed = numberOf(row['owed']);
    const owes = numberOf(row['owes']);
    return { merchantId: keyOf(row, 'merchant_id'), owed, owes, net: owed - owes };
  };
  return readPage(db, page, {
    key: { merchant_id: 'integer' },
    values: [tenant, firstOf(month)],
    sql: (after, limit) =>
      `select merchant_id, sum(owed) as owed, sum(owes) as owes from (
          select taker_id as merchant_id, ${value} as owed, 0 as owes
            from ${checkedSchema(schema)}.settlement_months where tenant = $1 and month <= $2::date
          union all
          select issuer_id, 0, ${value}
            from ${checkedSchema(schema)}.settlement_months where tenant = $1 and month <= $2::date
        ) as sides
        where ${after}
        group by merchant_id order by merchant_id limit ${limit}`,
    toView: toNet,
  });
};

export interface EntryView {
  readonly position: Position;
  readonly issuerId: number;
  readonly takerId: number;
  readonly kind: EntryKind;
  readonly points: number;
  readonly value: number;
  readonly userId: string;
  readonly purchaseId: string;
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
}

/** The single debts of a month in the order of the log. */
export const entriesOf = async (
  db: Reader,
  { tenant, month, merchantId, ...page }: SettlementQuestion & PageRequest,
  schema = live,
): Promise<Page<EntryView>> => {
  return readPage(db, page, {
    key: { position: 'bigint', part: 'integer' },
    values: [tenant, firstOf(month), merchantId],
    sql: (after, limit) =>
      `select position, part, issuer_id, taker_id, kind, points, value, user_id, purchase_id, occurred_at
        from ${checkedSchema(schema)}.settlement_entries
        where tenant = $1 and month = $2::date
          and ($3::integer is null or issuer_id = $3 or taker_id = $3) and ${after}
        order by position, part limit ${limit}`,
    toView: (row) => ({
      position: BigInt(row['position'] as string),
      issuerId: keyOf(row, 'issuer_id'),
      takerId: keyOf(row, 'taker_id'),
      kind: row['kind'] as EntryKind,
      points: numberOf(row['points']),
      value: numberOf(row['value']),
      userId: String(row['user_id']),
      purchaseId: String(row['purchase_id']),
      occurredAt: timeOf(row['occurred_at']),
    }),
  });
};
