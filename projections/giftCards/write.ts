/** The statements that bring a batch of changes into the tables of the gift cards. */
import {
  bigint,
  boolean,
  constant,
  inOrder,
  instant,
  integer,
  rowsInsert,
  rowsStatement,
  type Shape,
  text,
} from '../columns.js';
import type { Write } from '../projection.js';
import { insertTimeZones } from '../timeZones.js';
import type {
  CardChange,
  CardSums,
  GiftCardChanges,
  OpenedSeries,
  SeriesChange,
  SoldCard,
} from './project.js';

const insertSeries = rowsInsert<OpenedSeries>('gift_card_series', {
  tenant: text((s) => s.tenant),
  series_id: text((s) => s.seriesId),
  name: text((s) => s.name),
  issuer_id: integer((s) => s.issuerId),
  currency: text((s) => s.currency),
  issued: constant('0'),
  status: constant(`'open'`),
});

const changeSeries = rowsStatement<SeriesChange>(
  'gift_card_series.change',
  {
    tenant: text((s) => s.tenant),
    series_id: text((s) => s.seriesId),
    issued: bigint((s) => s.issued),
    status: text((s) => s.status),
  },
  `update {schema}.gift_card_series as stored
    set issued = coalesce(c.issued, stored.issued), status = coalesce(c.status, stored.status)
    from ({rows}) as c where stored.tenant = c.tenant and stored.series_id = c.series_id`,
);

const insertCards = rowsInsert<SoldCard>(
  'gift_cards',
  {
    tenant: text((c) => c.tenant),
    card: text((c) => c.card),
    series_id: text((c) => c.seriesId),
    sold_at: instant((c) => c.soldAt),
    sold: constant('0'),
    balance: constant('0'),
    expires_at: instant((c) => c.expiresAt),
    blocked: constant('false'),
  },
  '(tenant, card) do update set sold_at = excluded.sold_at, expires_at = excluded.expires_at',
);

const changeCards = rowsStatement<CardChange>(
  'gift_cards.change',
  {
    tenant: text((c) => c.tenant),
    card: text((c) => c.card),
    sold: bigint((c) => c.sold),
    balance: bigint((c) => c.balance),
    expires_at: instant((c) => c.expiresAt),
    blocked: boolean((c) => c.blocked),
  },
  `update {schema}.gift_cards as stored set sold = stored.sold + c.sold,
      balance = stored.balance + c.balance,
      expires_at = greatest(stored.expires_at, c.expires_at),
      blocked = coalesce(c.blocked, stored.blocked)
    from ({rows}) as c where stored.tenant = c.tenant and stored.card = c.card`,
);

const figures: Shape<CardSums> = {
  cards_sold: bigint((s) => s.cardsSold),
  sold: bigint((s) => s.sold),
  charges: bigint((s) => s.charges),
  charged: bigint((s) => s.charged),
  refunds: bigint((s) => s.refunds),
  refunded: bigint((s) => s.refunded),
  expired: bigint((s) => s.expired),
};
const names = Object.keys(figures);

const addSums = rowsStatement<CardSums>(
  'gift_card_days.add',
  {
    tenant: text((s) => s.tenant),
    series_id: text((s) => s.seriesId),
    merchant_id: integer((s) => s.merchantId),
    start: instant((s) => s.start),
    ...figures,
  },
  `insert into {schema}.gift_card_days as stored
      (tenant, day, series_id, issuer_id, merchant_id, ${names.join(', ')})
    select s.tenant, (s.start at time zone coalesce(z.time_zone, 'UTC'))::date as day, s.series_id,
      g.issuer_id, coalesce(s.merchant_id, g.issuer_id) as merchant, ${names.map((name) => `sum(s.${name})`).join(', ')}
    from ({rows}) as s
    join {schema}.gift_card_series as g using (tenant, series_id)
    left join {schema}.time_zones as z
      on z.tenant = s.tenant and z.merchant_id = coalesce(s.merchant_id, g.issuer_id)
    group by s.tenant, day, s.series_id, g.issuer_id, merchant
    on conflict (tenant, series_id, day, merchant_id) do update set
      ${names.map((name) => `${name} = stored.${name} + excluded.${name}`).join(', ')}`,
);

export const writeGiftCards = (changes: GiftCardChanges): Write =>
  inOrder(
    insertTimeZones(changes.timeZones),
    insertSeries(changes.opened),
    changeSeries(changes.series),
    insertCards(changes.sold),
    changeCards(changes.cards),
    addSums(changes.sums),
  );
