/** A subscription as its partner and operators see it: what was asked for, how it stands and why, and nothing that is secret. */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import type { Directory } from '../../commands/directory.js';
import { obstacleOf } from '../../commands/subscription/standing.js';
import type { SubscriptionSecrets } from '../../commands/subscription/secrets.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import { PartnerId, SubscriptionId, TopicId } from '../../domain/ids.js';
import {
  Batch,
  Endpoint,
  From,
  Mode,
  Order,
  SignatureScheme,
} from '../../domain/subscription/events.js';
import { EventFilter } from '../../domain/subscription/filter.js';

const Time = Type.String({ format: 'date-time' });
const orNull = <T extends TSchema>(schema: T, description = '') =>
  Type.Union([schema, Type.Null()], description === '' ? {} : { description });

export const Status = Type.Union(
  (['unverified', 'active', 'paused', 'disabled', 'ended'] as const).map((one) =>
    Type.Literal(one),
  ),
);

export const Subscription = Type.Object(
  {
    subscriptionId: SubscriptionId,
    partnerId: PartnerId,
    topicId: TopicId,
    status: Status,
    delivers: Type.Boolean({
      description: 'Whether it does at this moment: active, and access and partner stand',
    }),
    why: orNull(
      Type.Object({ reason: Type.String(), since: orNull(Time), explanation: Type.String() }),
      'Where it does not deliver: why not, and what to do',
    ),
    endpoint: Endpoint,
    verification: Type.Object({
      kind: Type.Union([Type.Literal('handshake'), Type.Literal('none')]),
      verifiedAt: orNull(Time, 'When the endpoint agreed; null: it did not yet'),
      allowedRate: orNull(Type.Integer(), 'Requests a minute that it allows; null: no limit'),
      failedAt: orNull(Time),
      reason: orNull(Type.String(), 'What the endpoint answered last, where it did not agree'),
    }),
    filter: orNull(EventFilter),
    mode: Mode,
    batch: orNull(Batch),
    signing: Type.Array(SignatureScheme),
    order: Order,
    ratePerSecond: orNull(Type.Integer()),
    concurrency: Type.Integer(),
    timeoutMs: orNull(Type.Integer()),
    description: orNull(Type.String()),
    headers: Type.Array(Type.String(), { description: 'Names of its own headers' }),
    from: From,
    secretVersion: Type.Integer(),
    secretOverlap: orNull(
      Type.Object({ version: Type.Integer(), until: Time }),
      'The version before, while it signs too',
    ),
    createdAt: Time,
  },
  { title: 'Subscription' },
);
export type Subscription = Static<typeof Subscription>;

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
const isoOrNull = (milliseconds: number | null | undefined): string | null =>
  milliseconds == null ? null : iso(milliseconds);

const verificationOf = (record: SubscriptionRecord): Subscription['verification'] => ({
  kind: record.verification,
  verifiedAt: isoOrNull(record.verified?.at),
  allowedRate: record.verified?.allowedRate ?? null,
  failedAt: isoOrNull(record.refusal?.at),
  reason: record.refusal?.reason ?? null,
});

const overlapOf = ({ overlap }: SubscriptionRecord, now: number): Subscription['secretOverlap'] =>
  overlap && now < overlap.until ? { version: overlap.version, until: iso(overlap.until) } : null;

export type Show = (record: SubscriptionRecord, now: number) => Promise<Subscription>;

export const createShow =
  (directory: Directory, secrets: Pick<SubscriptionSecrets, 'headersOf'>): Show =>
  async (record, now) => {
    const why = obstacleOf(directory, record);
    const { subscriptionId, partnerId, topicId, status, endpoint, mode, signing, order } = record;
    return {
      subscriptionId,
      partnerId,
      topicId,
      status,
      delivers: why === null,
      why: why && {
        reason: why.reason,
        since: isoOrNull(why.since),
        explanation: why.explanation,
      },
      endpoint,
      verification: verificationOf(record),
      filter: record.filter ?? null,
      mode,
      batch: record.batch ?? null,
      signing,
      order,
      ratePerSecond: record.ratePerSecond ?? null,
      concurrency: record.concurrency,
      timeoutMs: record.timeoutMs ?? null,
      description: record.description ?? null,
      headers: Object.keys(await secrets.headersOf(record)),
      from: record.from,
      secretVersion: record.secretVersion,
      secretOverlap: overlapOf(record, now),
      createdAt: iso(record.createdAt),
    };
  };
