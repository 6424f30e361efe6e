/** The statements that add a batch of sums to the days of campaigns and coupon series. */
import { bigint, inOrder, instant, integer, rowsStatement, type Shape, text } from '../columns.js';
import type { Write } from '../projection.js';
import { insertTimeZones } from '../timeZones.js';
import type { CampaignChanges, CampaignSum, CouponSum } from './project.js';

const when: Shape<Pick<CampaignSum, 'tenant' | 'merchantId' | 'start'>> = {
  tenant: text((s) => s.tenant),
  merchant_id: integer((s) => s.merchantId),
  start: instant((s) => s.start),
};

/** Adds `figures` to the row of the day and of `key`. */
const addUp = <Sum extends Pick<CampaignSum, 'tenant' | 'merchantId' | 'start'>>(
  table: string,
  key: Shape<Sum>,
  figures: Shape<Sum>,
) => {
  const keys = ['tenant', 'merchant_id', ...Object.keys(key)];
  const names = Object.keys(figures);
  return rowsStatement<Sum>(
    `${table}.add`,
    { ...when, ...key, ...figures },
    `insert into {schema}.${table} as stored (day, ${keys.join(', ')}, ${names.join(', ')})
      select (s.start at time zone coalesce(z.time_zone, 'UTC'))::date as day,
        ${keys.map((name) => `s.${name}`).join(', ')}, ${names.map((name) => `sum(s.${name})`).join(', ')}
      from ({rows}) as s left join {schema}.time_zones as z using (tenant, merchant_id)
      group by day, ${keys.map((name) => `s.${name}`).join(', ')}
      on conflict (${['day', ...keys].join(', ')}) do update set
        ${names.map((name) => `${name} = stored.${name} + excluded.${name}`).join(', ')}`,
  );
};

const addCampaigns = addUp<CampaignSum>(
  'campaign_results',
  { campaign_id: text((s) => s.campaignId), version: integer((s) => s.version) },
  {
    receipts: bigint((s) => s.receipts),
    discount: bigint((s) => s.discount),
    points: bigint((s) => s.points),
    uses: bigint((s) => s.uses),
    returned_receipts: bigint((s) => s.returnedReceipts),
    returned_discount: bigint((s) => s.returnedDiscount),
    returned_points: bigint((s) => s.returnedPoints),
    returned_uses: bigint((s) => s.returnedUses),
  },
);

const addCoupons = addUp<CouponSum>(
  'coupon_use',
  { series: text((s) => s.series), refusal: text((s) => s.refusal) },
  { shown: bigint((s) => s.shown) },
);

export const writeCampaigns = ({ timeZones, campaigns, coupons }: CampaignChanges): Write =>
  inOrder(insertTimeZones(timeZones), addCampaigns(campaigns), addCoupons(coupons));
