/**
 * Tables of the purchases. A purchase is keyed by the position of its fact, which joins its lines and returns cheaply.
 *
 * Its lines lie in its row and not in a table of their own: five lines cost a batch as much as the whole receipt then, and nearly
 * every reader of lines starts from a receipt. `purchase_lines` shows them as rows, with what came back of each. JSON is kept as the
 * text it is, since jsonb parses every number; the views cast it.
 */

export const tables = `
create table {schema}.purchases (
  position bigint primary key,
  tenant text not null,
  purchase_id text not null,
  owner text not null,
  user_id text,
  card_number text,
  merchant_id integer not null,
  point_of_sale_id integer not null,
  till_id text not null,
  currency text not null,
  total bigint not null,
  discount bigint not null,
  paid_by_points bigint not null,
  points_redeemed bigint not null,
  points_earned bigint not null,
  deficit_repaid bigint not null,
  status text not null,
  returned_amount bigint not null,
  refunded bigint not null,
  line_count integer not null,
  offline boolean not null,
  rule_version integer,
  quote_id text,
  why text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  correlation_id text not null,
  lines text not null,
  member_id integer,
  unique (tenant, purchase_id, owner)
) with (fillfactor = 95);

create table {schema}.returns (
  position bigint primary key,
  purchase_position bigint not null,
  tenant text not null,
  purchase_id text not null,
  owner text not null,
  return_id text,
  kind text not null,
  merchant_id integer not null,
  point_of_sale_id integer not null,
  till_id text not null,
  amount bigint not null,
  discount bigint not null,
  refund bigint not null,
  paid_by_points bigint not null,
  complete boolean not null,
  reason text,
  lines jsonb not null,
  why jsonb not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null
);

create table {schema}.returned_lines (
  purchase_position bigint not null,
  line integer not null,
  quantity bigint not null,
  amount bigint not null,
  primary key (purchase_position, line)
);

create view {schema}.purchase_lines as
  select p.position as purchase_position, l.position as line, l."productId" as product_id, l.quantity, l.price, l.amount,
    coalesce(l.net, l.amount) as net, l.amount - coalesce(l.net, l.amount) as discount,
    coalesce(l."paidByPoints", 0) as paid_by_points, coalesce(l."pointsRedeemed", 0) as points_redeemed,
    coalesce(l."pointsEarned", 0) as points_earned,
    case when p.status = 'cancelled' then l.quantity else coalesce(r.quantity, 0) end as returned_quantity,
    case when p.status = 'cancelled' then l.amount else coalesce(r.amount, 0) end as returned_amount
  from {schema}.purchases as p
  cross join lateral jsonb_to_recordset(p.lines::jsonb) as l(
    position integer, "productId" text, quantity bigint, price bigint, amount bigint, net bigint,
    "paidByPoints" bigint, "pointsRedeemed" bigint, "pointsEarned" bigint)
  left join {schema}.returned_lines as r on r.purchase_position = p.position and r.line = l.position;
`;

export const indexes = `
create index if not exists purchases_by_user on {schema}.purchases (tenant, user_id, occurred_at, position) where user_id is not null;
create index if not exists purchases_by_till on {schema}.purchases (tenant, till_id, occurred_at, position);
create index if not exists purchases_by_time on {schema}.purchases (tenant, occurred_at, position);
create index if not exists returns_by_purchase on {schema}.returns (purchase_position);
create index if not exists returns_by_time on {schema}.returns (tenant, occurred_at, position);
`;

/** The JSON as JSON. */
const columns = [
  'position, tenant, purchase_id, owner, user_id, card_number, merchant_id, point_of_sale_id, till_id',
  'currency, total, discount, paid_by_points, points_redeemed, points_earned, deficit_repaid, status',
  'returned_amount, refunded, line_count, offline, rule_version, quote_id, why::jsonb as why',
  'occurred_at, recorded_at, correlation_id, lines::jsonb as lines, member_id',
];

export const views = {
  purchases: `select ${columns.join(', ')} from {schema}.purchases`,
  purchase_lines: 'select * from {schema}.purchase_lines',
  returns: 'select * from {schema}.returns',
};
