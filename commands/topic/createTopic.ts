/** Creates the channel on which a partner is going to publish. */
import { Type } from '@sinclair/typebox';
import {
  createTopic as decide,
  topic,
  TopicCreated,
  topicStream,
} from '../../domain/topic/topic.js';
import { defineCommand } from '../command.js';
import { presentPartner } from '../partner/present.js';

export const createTopic = defineCommand({
  name: 'CreateTopic',
  summary: 'Creates a topic of a partner.',
  input: Type.Object(TopicCreated.schema.properties, {
    additionalProperties: false,
    title: 'CreateTopic',
  }),
  aggregate: topic,
  stream: (input, context) => topicStream(context.tenant, input.topicId),
  lookUp: (input, context, { directory }) => presentPartner(directory, context.tenant, input.owner),
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => input,
});
