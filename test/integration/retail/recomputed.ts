/**
 * What the three campaigns should have given and got back, worked out a second time in SQL: from what was bought (read.purchase_lines:
 * product, quantity, price, how many came back), the catalogue's categories and the list of the segment. Nothing that pricing
 * recorded is read: no net, no discount, no points.
 *
 * Quantities are whole pieces. The rules that it follows are those that docs/guides/campaigns.md tells.
 */
import type pg from 'pg';
import { kitchen, morePoints, thirdFree } from './campaigns.js';
import { rule } from './pastShop.js';

export interface Given {
  readonly campaignId: string;
  readonly receipts: number;
  readonly uses: number;
  readonly discount: number;
  readonly points: number;
  readonly returnedDiscount: number;
  readonly returnedPoints: number;
  readonly returnedUses: number;
}

const isOf = (category: string) => `(category = '${category}' or category like '${category}/%')`;

/** Lines in the one order in which whoever breaks a tie goes through them. */
const lines = `lines as (
  select p.position as purchase, p.user_id, p.occurred_at, l.line, l.price, c.category,
    l.quantity / 1000 as units, l.quantity / 1000 * l.price as amount, l.returned_quantity / 1000 as back,
    row_number() over (partition by p.position
      order by l.product_id collate "C", l.price, l.quantity, l.line) as place
  from read.purchases as p join read.purchase_lines as l on l.purchase_position = p.position
  left join read.products as c on c.tenant = p.tenant and c.product_id = l.product_id
  where p.tenant = $1)`;

/** The percentage of each line, halves rounded up. */
const percented = `percented as (
  select *, case when ${isOf(kitchen.category)}
      and occurred_at >= '${kitchen.from}' and occurred_at < '${kitchen.until}'
    then (2 * amount * ${kitchen.basisPoints} + 10000) / 20000 else 0 end as off
  from lines)`;

/** Units of a line that fare alike; a penny that does not divide falls on the first of them, or on the last where others get none. */
const runs = `runs as (
  select purchase, occurred_at, line, place, category, run, count, price - cut as cost, cut
  from percented cross join lateral (values
    (case when off < units then 2 else 1 end, off % units, off / units + 1),
    (case when off < units then 1 else 2 end, units - off % units, off / units)
  ) as r(run, count, cut) where count > 0)`;

/** Of every three that still cost something the cheapest are free; among equals the last. */
const freed = `freed as (
  select runs.*, coalesce(f.free, 0) as free from runs left join (
    select purchase, line, run, least(count, greatest(0, sets - (running - count))) as free from (
      select purchase, line, run, count,
        sum(count) over (partition by purchase order by cost, place desc, run desc) as running,
        div(sum(count) over (partition by purchase), ${thirdFree.every}) as sets
      from runs where cost > 0 and ${isOf(thirdFree.category)}
        and occurred_at >= '${thirdFree.from}') as ranked) as f using (purchase, line, run))`;

/** In the order in which units lie in their line: returns begin at its end, where those are that cost least. */
const pieces = `pieces as (
  select purchase, line, place, 2 * run + p.part as ord, p.count, p.cost, cut as by_percent, p.by_third
  from freed cross join lateral (values
    (0, freed.count - free, freed.cost, 0::bigint),
    (1, free, 0::bigint, freed.cost)
  ) as p(part, count, cost, by_third) where p.count > 0)`;

const taken = `taken as (
  select p.*, least(p.count, greatest(0, l.back - (p.behind - p.count))) as back from (
    select *, sum(count) over (partition by purchase, line order by ord desc) as behind from pieces) as p
  join lines as l using (purchase, line))`;

const more = morePoints.basisPoints - 10_000;

/** What each line comes to, and its share of the receipt's further points by largest remainder. */
const earned = `nets as (
  select purchase, line, place, sum(count * cost) as net from pieces group by purchase, line, place),
receipts as (
  select n.purchase, sum(net) as net,
    case when bool_or(m.user_id is not null) then div(sum(net) * ${rule.earn.points * more}, ${rule.earn.per * 10_000}) else 0 end as points
  from nets as n join (select distinct purchase, user_id from lines) as l using (purchase)
  left join read.segment_members as m
    on m.tenant = $1 and m.segment_id = '${morePoints.segment}' and m.user_id = l.user_id
  group by n.purchase),
shares as (
  select *, div(points * net, whole) + (rank <= points - floors)::int as share from (
    select *, sum(div(points * net, whole)) over (partition by purchase) as floors,
      row_number() over (partition by purchase order by mod(points * net, whole) desc, place) as rank
    from (select n.purchase, n.line, n.place, n.net, r.net as whole, r.points
      from nets as n join receipts as r using (purchase) where r.net > 0 and r.points > 0) as s) as t)`;

/** A point for every pound besides; the points of a line lie on its units by what they cost, and the campaign's go back first. */
const pointsBack = `unit_points as (
  select *, least(count, greatest(0, rest - (ahead - count))) as dearer from (
    select *, total - sum(count * each) over w as rest,
      sum(count) over (partition by purchase, line order by remainder desc, ord) as ahead
    from (select t.purchase, t.line, t.ord, t.count, t.back, s.share, s.net + s.share as total,
        div((s.net + s.share) * t.cost, s.net) as each, mod((s.net + s.share) * t.cost, s.net) as remainder
      from taken as t join shares as s using (purchase, line) where s.net > 0) as u
    window w as (partition by purchase, line)) as v),
points_back as (
  select purchase, sum(least(share, points)) as points from (
    select purchase, line, share,
      sum(back * each + greatest(0, back - (count - dearer))) as points
    from unit_points group by purchase, line, share) as l group by purchase)`;

const perReceipt = `given as (
  select purchase, '${kitchen.campaignId}' as campaign_id, sum(count * by_percent) as discount, 0 as points,
    sum(back * by_percent) as discount_back, 0 as points_back from taken group by purchase
  union all
  select purchase, '${thirdFree.campaignId}', sum(count * by_third), 0, sum(back * by_third), 0
    from taken group by purchase
  union all
  select purchase, '${morePoints.campaignId}', 0, r.points, 0, coalesce(b.points, 0)
    from receipts as r left join points_back as b using (purchase))`;

const text = `with ${[lines, percented, runs, freed, pieces, taken, earned, pointsBack, perReceipt].join(',\n')},
whole as (select purchase, bool_and(back = units) as gone from lines group by purchase)
select campaign_id, count(*) as receipts, sum(discount) as discount, sum(points) as points,
  sum(discount_back) as discount_back, sum(points_back) as points_back,
  count(*) filter (where gone or (discount_back = discount and points_back = points)) as uses_back
from given join whole using (purchase) where discount > 0 or points > 0
group by campaign_id order by campaign_id`;

export const recomputed = async (pool: pg.Pool, tenant: string): Promise<readonly Given[]> => {
  const { rows } = await pool.query<Record<string, unknown>>(text, [tenant]);
  return rows.map((row) => ({
    campaignId: String(row['campaign_id']),
    receipts: Number(row['receipts']),
    uses: Number(row['receipts']),
    discount: Number(row['discount']),
    points: Number(row['points']),
    returnedDiscount: Number(row['discount_back']),
    returnedPoints: Number(row['points_back']),
    returnedUses: Number(row['uses_back']),
  }));
};
