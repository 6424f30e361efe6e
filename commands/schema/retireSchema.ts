/** Takes a version of a topic's schema out of use: nothing is judged by it any more. */
import { Type } from '@sinclair/typebox';
import { TopicId } from '../../domain/ids.js';
import {
  retireSchema as decide,
  SchemaVersion,
  topicSchemas,
  topicSchemasStream,
} from '../../domain/topic/schemas.js';
import { defineCommand } from '../command.js';
import { presentTopic } from '../partner/present.js';

export const retireSchema = defineCommand({
  name: 'RetireTopicSchema',
  summary: 'Takes a version of the schema of a topic out of use.',
  input: Type.Object(
    { topicId: TopicId, version: SchemaVersion, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'RetireTopicSchema' },
  ),
  aggregate: topicSchemas,
  stream: (input, context) => topicSchemasStream(context.tenant, input.topicId),
  lookUp: (input, context, { directory }) => presentTopic(directory, context.tenant, input.topicId),
  decide: ({ version, reason }, state) => decide({ version, reason }, state),
  answer: ({ input: { topicId, version } }) => ({ topicId, version }),
});
