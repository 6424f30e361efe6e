/**
 * Tables of the sales. Net is what the goods that customers kept came to after discounts, whoever paid it: money or points.
 * A day is the merchant's own (its time zone, not the server's), the day on which the till made the receipt
 * or took the goods back. `time_zones` is what the merchants' registrations say, kept to tell the day.
 */
import { timeZonesTable } from '../timeZones.js';

export const tables = `
${timeZonesTable}
create table {schema}.daily_sales (
  tenant text not null,
  merchant_id integer not null,
  point_of_sale_id integer not null,
  day date not null,
  receipts bigint not null,
  anonymous_receipts bigint not null,
  returns bigint not null,
  cancellations bigint not null,
  gross_amount bigint not null,
  discount_amount bigint not null,
  returned_amount bigint not null,
  returned_discount bigint not null,
  net_amount bigint not null generated always as
    (gross_amount - discount_amount - (returned_amount - returned_discount)) stored,
  paid_by_points bigint not null,
  returned_to_points bigint not null,
  points_redeemed bigint not null,
  points_earned bigint not null,
  primary key (tenant, day, merchant_id, point_of_sale_id)
) with (fillfactor = 70);
`;

export const indexes = '';

export const views = { daily_sales: 'select * from {schema}.daily_sales' };
