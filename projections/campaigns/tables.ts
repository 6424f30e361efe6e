/**
 * Tables of the campaign results. A day is the merchant's own, the day of the receipt for what was given and of the return for what
 * came back, so that a day that is over stays as it is. Coupons lie beside campaigns: the same receipts tell of both.
 */
import { timeZonesTable } from '../timeZones.js';

export const tables = `
${timeZonesTable}
create table {schema}.campaign_results (
  tenant text not null,
  day date not null,
  campaign_id text not null,
  version integer not null,
  merchant_id integer not null,
  receipts bigint not null,
  discount bigint not null,
  points bigint not null,
  uses bigint not null,
  returned_receipts bigint not null,
  returned_discount bigint not null,
  returned_points bigint not null,
  returned_uses bigint not null,
  primary key (tenant, campaign_id, day, version, merchant_id)
) with (fillfactor = 70);

create table {schema}.coupon_use (
  tenant text not null,
  day date not null,
  series text not null,
  merchant_id integer not null,
  refusal text not null,
  shown bigint not null,
  primary key (tenant, series, day, merchant_id, refusal)
) with (fillfactor = 70);
`;

export const indexes = '';

export const views = {
  campaign_results: 'select * from {schema}.campaign_results',
  coupon_use: 'select * from {schema}.coupon_use',
};
