/** Questions to the customers. The person stays encrypted here: who may read it decrypts it elsewhere. */
import type { Position } from '../../domain/fact.js';
import { live, type Page, type PageRequest, type Reader, timeOf, timeOrNull } from '../pages.js';
import { readPage } from '../readPage.js';
import { checkedSchema } from '../schema.js';

export interface CustomerView {
  readonly tenant: string;
  readonly userId: string;
  readonly status: 'active' | 'closed' | 'erased';
  /** Encrypted under the customer's own key; null once erased. */
  readonly person: string | null;
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
  /** BCP 47; null where none was chosen. */
  readonly language: string | null;
  readonly merchantId: number | null;
  readonly enrolledAt: number;
  readonly closedAt: number | null;
  readonly erasedAt: number | null;
  readonly position: Position;
}

export interface CardView {
  readonly cardNumber: string;
  readonly userId: string;
  readonly status: 'active' | 'blocked' | 'replaced';
  readonly replacedBy: string | null;
  readonly reason: string | null;
  /** Null where one person was ever on the account. */
  readonly memberId: number | null;
  readonly issuedAt: number;
  readonly changedAt: number;
}

type Row = Readonly<Record<string, unknown>>;

const toCustomer = (row: Row): CustomerView => ({
  tenant: String(row['tenant']),
  userId: String(row['user_id']),
  status: row['status'] as CustomerView['status'],
  person: row['person'] as string | null,
  phoneHash: row['phone_hash'] as string | null,
  emailHash: row['email_hash'] as string | null,
  // Version 2, which answers until version 3 has caught up, knows of none.
  language: (row['language'] as string | null | undefined) ?? null,
  merchantId: row['merchant_id'] as number | null,
  enrolledAt: timeOf(row['enrolled_at']),
  closedAt: timeOrNull(row['closed_at']),
  erasedAt: timeOrNull(row['erased_at']),
  position: BigInt(row['position'] as string),
});

const toCard = (row: Row): CardView => ({
  cardNumber: String(row['card_number']),
  userId: String(row['user_id']),
  status: row['status'] as CardView['status'],
  replacedBy: row['replaced_by'] as string | null,
  reason: row['reason'] as string | null,
  memberId: row['member_id'] as number | null,
  issuedAt: timeOf(row['issued_at']),
  changedAt: timeOf(row['changed_at']),
});

/** By one of these; contacts by their keyed hash. */
export type CustomerKey =
  { readonly userId: string } | { readonly phoneHash: string } | { readonly emailHash: string };

const conditionOf = (
  key: CustomerKey,
): readonly [column: 'user_id' | 'phone_hash' | 'email_hash', value: string] => {
  if ('userId' in key) return ['user_id', key.userId];
  if ('phoneHash' in key) return ['phone_hash', key.phoneHash];
  return ['email_hash', key.emailHash];
};

/** By a contact of anybody on the account. One of a closed account may be another's by now: who is active comes first. */
export const findCustomer = async (
  db: Reader,
  tenant: string,
  key: CustomerKey,
  schema = live,
): Promise<CustomerView | null> => {
  const [column, value] = conditionOf(key);
  const from = checkedSchema(schema);
  const found =
    column === 'user_id'
      ? 'user_id = $2'
      : `user_id in (select user_id from ${from}.customers where tenant = $1 and ${column} = $2
          union all select user_id from ${from}.members where tenant = $1 and ${column} = $2)`;
  const { rows } = await db.query<Row>(
    `select * from ${from}.customers where tenant = $1 and ${found}
      order by (status = 'active') desc, position desc limit 1`,
    [tenant, value],
  );
  return rows[0] ? toCustomer(rows[0]) : null;
};

export interface MemberView {
  readonly memberId: number;
  readonly status: 'present' | 'removed' | 'erased';
  /** Encrypted under the member's own key; null once erased. */
  readonly person: string | null;
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
  readonly joinedAt: number;
  readonly leftAt: number | null;
  readonly erasedAt: number | null;
}

export interface HouseholdView {
  readonly head: number;
  /** Besides the head; null: everybody. */
  readonly redeemers: readonly number[] | null;
  /** Everybody who was ever on the account, by their numbers. */
  readonly members: readonly MemberView[];
}

const toMember = (row: Row): MemberView => ({
  memberId: Number(row['member_id']),
  status: row['status'] as MemberView['status'],
  person: row['person'] as string | null,
  phoneHash: row['phone_hash'] as string | null,
  emailHash: row['email_hash'] as string | null,
  joinedAt: timeOf(row['joined_at']),
  leftAt: timeOrNull(row['left_at']),
  erasedAt: timeOrNull(row['erased_at']),
});

/** Null where one person was ever on the account. An account has 200 members in its life at most. */
export const householdOf = async (
  db: Reader,
  tenant: string,
  userId: string,
  schema = live,
): Promise<HouseholdView | null> => {
  const from = checkedSchema(schema);
  const { rows } = await db.query<Row>(
    `select h.head, h.redeemers, m.* from ${from}.households as h join ${from}.members as m using (tenant, user_id)
      where h.tenant = $1 and h.user_id = $2 order by m.member_id`,
    [tenant, userId],
  );
  const [first] = rows;
  if (!first) return null;
  const redeemers = first['redeemers'] as string | null;
  return {
    head: Number(first['head']),
    redeemers: redeemers === null ? null : (JSON.parse(redeemers) as number[]),
    members: rows.map(toMember),
  };
};

/** Whose card it is and how it stands; of several who had the number in their time, the last. */
export const findCard = async (
  db: Reader,
  tenant: string,
  cardNumber: string,
  schema = live,
): Promise<CardView | null> => {
  const { rows } = await db.query<Row>(
    `select * from ${checkedSchema(schema)}.cards where tenant = $1 and card_number = $2
      order by position desc limit 1`,
    [tenant, cardNumber],
  );
  return rows[0] ? toCard(rows[0]) : null;
};

/** In the order in which they were issued, at most 1,000. */
export const cardsOf = async (
  db: Reader,
  tenant: string,
  userId: string,
  schema = live,
): Promise<CardView[]> => {
  const { rows } = await db.query<Row>(
    `select * from ${checkedSchema(schema)}.cards where tenant = $1 and user_id = $2
      order by position limit 1000`,
    [tenant, userId],
  );
  return rows.map(toCard);
};

/** By user id. @throws BadCursor */
export const listCustomers = async (
  db: Reader,
  { tenant, status, ...page }: PageRequest & { readonly tenant: string; readonly status?: string },
  schema = live,
): Promise<Page<CustomerView>> => {
  return readPage(db, page, {
    key: { user_id: 'text' },
    values: [tenant, status ?? null],
    sql: (after, limit) =>
      `select * from ${checkedSchema(schema)}.customers
        where tenant = $1 and ($2::text is null or status = $2) and ${after}
        order by user_id limit ${limit}`,
    toView: toCustomer,
  });
};

/** By card number; of several who had a number in their time, the last. @throws BadCursor */
export const listCards = async (
  db: Reader,
  { tenant, ...page }: PageRequest & { readonly tenant: string },
  schema = live,
): Promise<Page<CardView>> => {
  return readPage(db, page, {
    key: { card_number: 'text' },
    values: [tenant],
    sql: (after, limit) =>
      `select distinct on (card_number) * from ${checkedSchema(schema)}.cards
        where tenant = $1 and ${after}
        order by card_number, position desc limit ${limit}`,
    toView: toCard,
  });
};
