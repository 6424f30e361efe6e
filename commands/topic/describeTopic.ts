/** Says anew what a topic is about and how careful its receivers have to be. */
import { Type } from '@sinclair/typebox';
import { TopicId } from '../../domain/ids.js';
import {
  describeTopic as decide,
  topic,
  TopicDescribed,
  topicStream,
} from '../../domain/topic/topic.js';
import { defineCommand } from '../command.js';
import { presentTopic } from '../partner/present.js';

export const describeTopic = defineCommand({
  name: 'DescribeTopic',
  summary: 'Changes the name, the description or the classification of a topic.',
  input: Type.Object(
    { topicId: TopicId, ...TopicDescribed.schema.properties },
    { additionalProperties: false, title: 'DescribeTopic' },
  ),
  aggregate: topic,
  stream: (input, context) => topicStream(context.tenant, input.topicId),
  lookUp: (input, context, { directory }) => presentTopic(directory, context.tenant, input.topicId),
  decide: ({ name, description, classification }, state) =>
    decide({ name, description, classification }, state),
  answer: ({ input }) => input,
});
