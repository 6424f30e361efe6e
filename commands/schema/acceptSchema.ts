/** Puts a schema that was tried into use as the next version of a topic's. Only trials.ts calls it. */
import { Type } from '@sinclair/typebox';
import { TopicId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import {
  acceptSchema as decide,
  Compatibility,
  topicSchemas,
  topicSchemasStream,
  TriedAgainst,
} from '../../domain/topic/schemas.js';
import { defineCommand } from '../command.js';
import { presentTopic } from '../partner/present.js';

export const acceptSchema = defineCommand({
  name: 'AcceptTopicSchema',
  summary: 'Puts a schema into use that was tried.',
  input: Type.Object(
    {
      topicId: TopicId,
      compatibility: Compatibility,
      schema: Type.String({ maxLength: 40_000 }),
      tried: TriedAgainst,
      knownVersions: Type.Integer({ minimum: 0 }),
    },
    { additionalProperties: false, title: 'AcceptTopicSchema' },
  ),
  aggregate: topicSchemas,
  stream: (input, context) => topicSchemasStream(context.tenant, input.topicId),
  lookUp: ({ topicId }, { tenant }, { directory }) => {
    const { status } = presentTopic(directory, tenant, topicId);
    if (status === 'archived') throw rejected('topic-archived', { topicId });
  },
  decide: ({ topicId: _topicId, ...proposal }, state) => decide(proposal, state),
  // What was tried differs from one trial to the next; what was proposed is the same.
  fingerprinted: ({ topicId, compatibility, schema }) => ({ topicId, compatibility, schema }),
  answer: ({ input: { topicId }, events, state }) => {
    const accepted = events.find(({ type }) => type === 'TopicSchemaAccepted');
    const version =
      accepted?.type === 'TopicSchemaAccepted' ? accepted.data.version : state.at(-1)?.version;
    return { topicId, version: version ?? 0 };
  },
});
