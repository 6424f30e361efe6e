/**
 * Publishes on a topic. Nothing is decided on what was published before, so there is no state to load and no revision to expect: two
 * publishers of one topic never wait for each other (docs/decisions/0014).
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
import type { Log } from '../log.js';
import { presentPartner } from '../partner/present.js';
import { assertValid } from '../validation.js';
import type { Arrivals } from './arrivals.js';
import { seenTopic } from './seenTopic.js';

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

export type Publish = (input: PublishInput, context: CommandContext) => Promise<PublishAnswer>;

const name = 'Publish';

/** @throws InvalidInput, Rejected topic-not-found, not-topic-owner, topic-archived, idempotency-key-reused, and what the log throws. */
export const createPublish = (options: {
  readonly log: Log;
  readonly directory: Directory;
  readonly arrivals: Arrivals;
}): Publish => {
  const { log, directory, arrivals } = options;
  /** The furthest place that an answer named: what is sent after it and new lies beyond. */
  let reached = 0n;

  const mayPublish = ({ topicId, partnerId }: PublishInput, { tenant }: CommandContext): void => {
    presentPartner(directory, tenant, partnerId);
    const { topic } = seenTopic(directory, tenant, topicId, partnerId);
    if (topic.owner !== partnerId) throw rejected('not-topic-owner', { topicId });
    if (topic.status === 'archived') throw rejected('topic-archived', { topicId });
  };

  /** @throws Rejected idempotency-key-reused */
  const assertSame = async (stream: string, first: number, facts: readonly NewFact[]) => {
    const recorded = await log.read(stream, first, facts.length);
    const [wanted] = facts;
    const isSame =
      recorded.length === facts.length &&
      recorded.every(({ id }, i) => id === facts[i]?.id) &&
      recorded[0]?.metadata.fingerprint === wanted?.metadata.fingerprint;
    if (!isSame) throw rejected('idempotency-key-reused');
  };

  return async (input, context) => {
    assertValid(PublishInput, input);
    mayPublish(input, context);
    const { topicId, publications } = input;
    const stream = publicationsStream(context.tenant, topicId);
    const facts = factsOf(input, context, commandIdOf(name, stream, context.idempotencyKey));
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
  { partnerId, publications }: PublishInput,
  context: CommandContext,
  commandId: string,
): NewFact[] => {
  const fingerprint = fingerprintOf(publications);
  return publications.map((publication, index) => ({
    id: eventIdOf(commandId, index),
    type: EventPublished.type,
    data: { partnerId, publication },
    metadata: {
      tenant: context.tenant,
      actor: context.actor,
      correlationId: context.correlationId,
      causationId: context.causationId ?? context.correlationId,
      commandId,
      occurredAt: publication.time
        ? new Date(publication.time).toISOString()
        : new Date(context.now).toISOString(),
      schemaVersion: 1,
      fingerprint,
    },
  }));
};
