/** The statements that add a batch of sums to the days of the shops. */
import { bigint, inOrder, instant, integer, rowsStatement, text } from '../columns.js';
import type { Write } from '../projection.js';
import { insertTimeZones } from '../timeZones.js';
import type { Quarter, SalesChanges } from './project.js';

const sums = [
  'receipts',
  'anonymous_receipts',
  'returns',
  'cancellations',
  'gross_amount',
  'discount_amount',
  'returned_amount',
  'returned_discount',
  'paid_by_points',
  'returned_to_points',
  'points_redeemed',
  'points_earned',
] as const;

const addQuarters = rowsStatement<Quarter>(
  'daily_sales.add',
  {
    tenant: text((q) => q.tenant),
    merchant_id: integer((q) => q.merchantId),
    point_of_sale_id: integer((q) => q.pointOfSaleId),
    start: instant((q) => q.start),
    receipts: bigint((q) => q.receipts),
    anonymous_receipts: bigint((q) => q.anonymousReceipts),
    returns: bigint((q) => q.returns),
    cancellations: bigint((q) => q.cancellations),
    gross_amount: bigint((q) => q.gross),
    discount_amount: bigint((q) => q.discount),
    returned_amount: bigint((q) => q.returned),
    returned_discount: bigint((q) => q.returnedDiscount),
    paid_by_points: bigint((q) => q.paidByPoints),
    returned_to_points: bigint((q) => q.returnedToPoints),
    points_redeemed: bigint((q) => q.pointsRedeemed),
    points_earned: bigint((q) => q.pointsEarned),
  },
  `insert into {schema}.daily_sales as stored
      (tenant, merchant_id, point_of_sale_id, day, ${sums.join(', ')})
    select q.tenant, q.merchant_id, q.point_of_sale_id,
      (q.start at time zone coalesce(z.time_zone, 'UTC'))::date as day,
      ${sums.map((name) => `sum(q.${name})`).join(', ')}
    from ({rows}) as q left join {schema}.time_zones as z using (tenant, merchant_id)
    group by q.tenant, q.merchant_id, q.point_of_sale_id, day
    on conflict (tenant, day, merchant_id, point_of_sale_id) do update set
      ${sums.map((name) => `${name} = stored.${name} + excluded.${name}`).join(',\n      ')}`,
);

export const writeSales = ({ timeZones, quarters }: SalesChanges): Write =>
  inOrder(insertTimeZones(timeZones), addQuarters([...quarters.values()]));
