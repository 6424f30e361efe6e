/**
 * Publishes on a topic. Nothing is decided on what was published before, so there is no state to load and no revision to expect: two
 * publishers of one topic never wait for each other (docs/decisions/0014). What the topic asks of a publication, its schema, its limits,
 * what is personal, is known in memory: where it asks nothing, this is one append and no read (docs/decisions/0019).
 *
 * A repeat under the same key has the same event ids, which the log takes once. That it is one shows by its position, which is not
 * beyond what was known when it was sent; then what was recorded is read back, so that another body under the key is refused.
 */
import { Type } from '@sinclair/typebox';
import type { NewFact, Position } from '../../domain/fact.js';
import { PartnerId, TopicId } from '../../domain/ids.js';
import {
  EventPublished,
  Publication,
  publicationsStream,
} from '../../domain/publication/publication.js';
import { rejected } from '../../domain/rejected.js';
import type { CommandContext } from '../command.js';
import { commandIdOf, eventIdOf, fingerprintOf } from '../commandId.js';
import type { Directory } from '../directory.js';
import type { TopicRecord } from '../exchange.js';
import type { Log } from '../log.js';
import type { PersonalKeys } from '../personalData.js';
import type { TopicPublishing } from '../publishing.js';
import { createCompiledSchemas } from '../schema/compile.js';
import { createSchemaJudge, type SchemaJudge } from '../schema/judge.js';
import { assertValid } from '../validation.js';
import type { Arrivals } from './arrivals.js';
import { ownTopic } from './ownTopic.js';
import { createRates, type Rates } from './rates.js';
import { judgeAll, type Judged, type Recordable, recordable } from './record.js';

export const publicationsMax = 100;

export const PublishInput = Type.Object(
  {
    topicId: TopicId,
    partnerId: PartnerId,
    publications: Type.Array(Publication, { minItems: 1, maxItems: publicationsMax }),
  },
  { additionalProperties: false, title: 'Publish' },
);
export interface PublishInput {
  readonly topicId: TopicId;
  readonly partnerId: PartnerId;
  readonly publications: readonly Publication[];
}

export interface PublishAnswer {
  readonly topicId: TopicId;
  /** In the order of the request; their places among all of the topic. */
  readonly items: readonly { readonly id: string; readonly place: number }[];
  readonly position: Position;
  readonly repeated: boolean;
}

/**
 * @param ownKeys where each publication is a command of its own that goes into one append with others: the idempotency key of each, instead
 * of the context's. The log takes such an append as a repeat where all of it is one, and refuses one that begins like a repeat.
 */
export type Publish = (
  input: PublishInput,
  context: CommandContext,
  ownKeys?: readonly string[],
) => Promise<PublishAnswer>;

const name = 'Publish';

/**
 * @throws InvalidInput, PublishedTooFast, Rejected topic-not-found, not-topic-owner, topic-archived, schema-not-met, schema-retired,
 * version-not-found, subject-erased, idempotency-key-reused, and what the log throws: VersionConflict under keys of their own alone.
 */
export const createPublish = (options: {
  readonly log: Log;
  readonly directory: Directory;
  readonly arrivals: Arrivals;
  readonly keys: PersonalKeys;
  readonly schemaJudge?: SchemaJudge;
  readonly rates?: Rates;
}): Publish => {
  const { log, directory, arrivals, keys: personalKeys } = options;
  const schemaJudge = options.schemaJudge ?? createSchemaJudge(createCompiledSchemas());
  const rates = options.rates ?? createRates();
  /** The furthest place that an answer named: what is sent after it and new lies beyond. */
  let reached = 0n;

  const mayPublish = (input: PublishInput, { tenant }: CommandContext): TopicRecord => {
    const { topicId, partnerId } = input;
    const topic = ownTopic(directory, tenant, topicId, partnerId);
    if (topic.status === 'archived') throw rejected('topic-archived', { topicId });
    return topic;
  };

  const takeRoom = (
    { topicId, partnerId, publications }: PublishInput,
    { tenant, now }: CommandContext,
    publishing: TopicPublishing | undefined,
  ): void => {
    const ofTopic = publishing?.limits.eventsPerSecond;
    const ofPartner = directory.publishing.partnerLimits(tenant, partnerId)?.eventsPerSecond;
    if (ofTopic == null && ofPartner == null) return;
    const claims = [
      { of: 'topic', key: `${tenant}.${topicId}`, eventsPerSecond: ofTopic },
      { of: 'partner', key: `${tenant}.${partnerId}`, eventsPerSecond: ofPartner },
    ] as const;
    rates.take(claims, publications.length, now);
  };

  /** @throws Rejected idempotency-key-reused */
  const assertSame = async (stream: string, first: number, facts: readonly NewFact[]) => {
    const recorded = await log.read(stream, first, facts.length);
    const isSame =
      recorded.length === facts.length &&
      recorded.every(
        ({ id, metadata }, i) =>
          id === facts[i]?.id && metadata.fingerprint === facts[i]?.metadata.fingerprint,
      );
    if (!isSame) throw rejected('idempotency-key-reused');
  };

  return async (input, context, ownKeys) => {
    assertValid(PublishInput, input);
    const topic = mayPublish(input, context);
    const { topicId, partnerId, publications } = input;
    const { tenant, now } = context;
    const publishing = directory.publishing.topic(tenant, topicId);
    takeRoom(input, context, publishing);
    const judged = judgeAll(publications, { tenant, topic, publishing, now }, schemaJudge);
    // Nothing is awaited where nothing is sealed.
    const pending = judged.map((one) => recordable(personalKeys, tenant, partnerId, one));
    const isSealed = judged.some(({ handling }) => handling.personal !== null);
    const records = isSealed ? await Promise.all(pending) : (pending as Recordable[]);
    const stream = publicationsStream(tenant, topicId);
    const commandIds = ownKeys?.map((key) => commandIdOf(name, stream, key));
    const together = commandIdOf(name, stream, context.idempotencyKey);
    const facts = factsOf(judged, records, context, commandIds ?? together);
    const known = later(reached, directory.position ?? 0n);
    const { position, revision } = await log.append(stream, 'any', facts);
    reached = later(reached, position);
    const first = revision - facts.length + 1;
    const repeated = position <= known;
    if (repeated) await assertSame(stream, first, facts);
    else arrivals.tell(stream);
    const items = publications.map(({ id }, i) => ({ id, place: first + i }));
    return { topicId, items, position, repeated };
  };
};

const later = (one: Position, other: Position): Position => (one > other ? one : other);

const factsOf = (
  judged: readonly Judged[],
  records: readonly Recordable[],
  context: CommandContext,
  /** Of all together, or of each. */
  commandIds: string | readonly string[],
): NewFact[] => {
  const ofAll = typeof commandIds === 'string' ? commandIds : null;
  const fingerprint = ofAll === null ? '' : fingerprintOf(records.map(({ compared }) => compared));
  return records.map(({ data, compared }, index) => {
    const time = judged[index]?.publication.time;
    const commandId = ofAll ?? commandIds[index] ?? '';
    return {
      id: eventIdOf(commandId, ofAll === null ? 0 : index),
      type: EventPublished.type,
      data,
      metadata: {
        tenant: context.tenant,
        actor: context.actor,
        correlationId: context.correlationId,
        causationId: context.causationId ?? context.correlationId,
        commandId,
        occurredAt: new Date(time ?? context.now).toISOString(),
        schemaVersion: 1,
        fingerprint: ofAll === null ? fingerprintOf([compared]) : fingerprint,
      },
    };
  });
};
