/** What stands beside the messages: revisions of lanes, consents and suppressions. The last word of a batch is written. */
import { bigint, inOrder, integer, rowsInsert, rowsStatement, text } from '../../columns.js';
import type { Write } from '../../projection.js';
import type { OutboxChanges, ToldConsent, ToldLane, ToldSuppression } from '../project.js';

const upsertLanes = rowsInsert<ToldLane>(
  'lanes',
  {
    tenant: text((l) => l.tenant),
    lane: integer((l) => l.lane),
    revision: bigint((l) => l.revision),
  },
  `(tenant, lane) do update set revision = excluded.revision where stored.revision < excluded.revision`,
);

const upsertConsents = rowsInsert<ToldConsent>(
  'consents',
  {
    tenant: text((c) => c.tenant),
    subject: text((c) => c.subject),
    channel: text((c) => c.channel),
    class: text((c) => c.class),
    state: text((c) => c.state),
    since: bigint((c) => c.since),
  },
  '(tenant, subject, channel, class) do update set state = excluded.state, since = excluded.since',
);

const suppressionKey = {
  tenant: text<ToldSuppression>((s) => s.tenant),
  channel: text<ToldSuppression>((s) => s.channel),
  address: text<ToldSuppression>((s) => s.address),
} as const;

const upsertSuppressions = rowsInsert<ToldSuppression>(
  'suppressions',
  { ...suppressionKey, reason: text((s) => s.reason), since: bigint((s) => s.since) },
  '(tenant, channel, address) do update set reason = excluded.reason, since = excluded.since',
);

const deleteSuppressions = rowsStatement<ToldSuppression>(
  'suppressions.delete',
  suppressionKey,
  `delete from {schema}.suppressions as stored using ({rows}) as s
    where stored.tenant = s.tenant and stored.channel = s.channel and stored.address = s.address`,
);

export const writeStanding = ({
  lanes,
  consents,
  suppressions,
}: Pick<OutboxChanges, 'lanes' | 'consents' | 'suppressions'>): Write =>
  inOrder(
    upsertLanes(lanes),
    upsertConsents(consents),
    upsertSuppressions(suppressions.filter(({ reason }) => reason !== null)),
    deleteSuppressions(suppressions.filter(({ reason }) => reason === null)),
  );
