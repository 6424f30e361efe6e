/** What permission to write to somebody is decided on, of many recipients at once. */
import type { ConsentClass } from '../../domain/consent/consent.js';
import type { SuppressionReason } from '../../domain/consent/suppression.js';
import type { MessageId } from '../../domain/ids.js';
import type { Channel } from '../../domain/message/kinds.js';
import { live, type Reader } from '../pages.js';
import { idOf } from './request.js';

export interface ConsentAsked {
  readonly subject: string;
  readonly channel: Channel;
  readonly class: ConsentClass;
}
export interface ConsentKnown {
  readonly state: 'given' | 'withdrawn';
  readonly since: number;
}

export const consentKey = ({ subject, channel, class: of }: ConsentAsked): string =>
  `${subject} ${channel} ${of}`;

/** The last words, by `consentKey`; none where there was none. */
export const consentsOf = async (
  db: Reader,
  tenant: string,
  asked: readonly ConsentAsked[],
): Promise<ReadonlyMap<string, ConsentKnown>> => {
  if (asked.length === 0) return new Map();
  const { rows } = await db.query<ConsentAsked & { state: ConsentKnown['state']; since: bigint }>({
    name: 'outbox.consents',
    text: `select c.subject, c.channel, c.class, c.state, c.since
      from unnest($2::text[], $3::text[], $4::text[]) as a(subject, channel, class)
      join ${live}.outbox_consents as c
        on c.tenant = $1 and c.subject = a.subject and c.channel = a.channel and c.class = a.class`,
    values: [
      tenant,
      asked.map(({ subject }) => subject),
      asked.map(({ channel }) => channel),
      asked.map((one) => one.class),
    ],
  });
  return new Map(
    rows.map((row) => [consentKey(row), { state: row.state, since: Number(row.since) }]),
  );
};

/** Why addresses are left alone on a channel, by their hashes. */
export const suppressionsOf = async (
  db: Reader,
  tenant: string,
  channel: string,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, SuppressionReason>> => {
  if (addresses.length === 0) return new Map();
  const { rows } = await db.query<{ address: string; reason: SuppressionReason }>({
    name: 'outbox.suppressions',
    text: `select address, reason from ${live}.outbox_suppressions
      where tenant = $1 and channel = $2 and address = any ($3)`,
    values: [tenant, channel, addresses],
  });
  return new Map(rows.map(({ address, reason }) => [address, reason]));
};

export interface SentKnown {
  readonly messageId: MessageId;
  readonly attempt: number;
  readonly channel: Channel;
  readonly at: number;
}

/** What was sent to each since `since` and counts for caps; of one recipient the latest 1,000. */
export const sentTo = async (
  db: Reader,
  tenant: string,
  subjects: readonly string[],
  since: number,
): Promise<ReadonlyMap<string, readonly SentKnown[]>> => {
  const sent = new Map<string, SentKnown[]>();
  if (subjects.length === 0) return sent;
  const { rows } = await db.query<{
    subject: string;
    message_id: string;
    attempt: number;
    channel: Channel;
    at: bigint;
  }>({
    name: 'outbox.sent',
    text: `select s.* from unnest($2::text[]) as a(subject) cross join lateral (
        select subject, message_id, attempt, channel, at from ${live}.outbox_sent as o
        where o.tenant = $1 and o.subject = a.subject and o.at > $3 order by o.at desc limit 1000
      ) as s`,
    values: [tenant, subjects, Math.floor(since)],
  });
  for (const { subject, message_id: id, attempt, channel, at } of rows) {
    const known = sent.get(subject);
    const one = { messageId: idOf(id), attempt, channel, at: Number(at) };
    if (known) known.push(one);
    else sent.set(subject, [one]);
  }
  return sent;
};
