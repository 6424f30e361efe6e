/**
 * The time zones of merchants, in each read model that tells days by them: a table `time_zones`, filled from their registrations.
 * Of its own in every one, since a read model holds nothing that a replay of it alone would not fill.
 */
import { integer, rowsStatement, text } from './columns.js';

export interface TimeZone {
  readonly tenant: string;
  readonly merchantId: number;
  readonly timeZone: string;
}

export const timeZonesTable = `create table {schema}.time_zones (
  tenant text not null,
  merchant_id integer not null,
  time_zone text not null,
  primary key (tenant, merchant_id)
);
`;

// A zone that this server does not know would stop the read model: its merchant's days are UTC's then.
export const insertTimeZones = rowsStatement<TimeZone>(
  'time_zones.insert',
  {
    tenant: text((z) => z.tenant),
    merchant_id: integer((z) => z.merchantId),
    time_zone: text((z) => z.timeZone),
  },
  `insert into {schema}.time_zones (tenant, merchant_id, time_zone)
    select z.tenant, z.merchant_id, coalesce(known.name, 'UTC')
    from ({rows}) as z left join pg_timezone_names as known on known.name = z.time_zone`,
);
