/** Ends a topic: nothing is published on it any more, what was published stays. */
import { Type } from '@sinclair/typebox';
import { TopicId } from '../../domain/ids.js';
import { archiveTopic as decide, topic, topicStream } from '../../domain/topic/topic.js';
import { defineCommand } from '../command.js';
import { presentTopic } from '../partner/present.js';

export const archiveTopic = defineCommand({
  name: 'ArchiveTopic',
  summary: 'Ends a topic for ever; what was published on it stays.',
  input: Type.Object(
    { topicId: TopicId, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'ArchiveTopic' },
  ),
  aggregate: topic,
  stream: (input, context) => topicStream(context.tenant, input.topicId),
  lookUp: (input, context, { directory }) => presentTopic(directory, context.tenant, input.topicId),
  decide: ({ reason }, state) => decide({ reason }, state),
  answer: ({ input: { topicId } }) => ({ topicId }),
});
