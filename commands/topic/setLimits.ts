/** Bounds how much is published on a topic: how many events a second, and how large each may be. */
import { Type } from '@sinclair/typebox';
import { TopicId } from '../../domain/ids.js';
import {
  setLimits,
  TopicLimitsSet,
  topicRules,
  topicRulesStream,
} from '../../domain/topic/rules.js';
import { defineCommand } from '../command.js';
import { presentTopic } from '../partner/present.js';

export const setTopicLimits = defineCommand({
  name: 'SetTopicLimits',
  summary: 'Bounds how many events a second a topic takes, and how large each may be.',
  input: Type.Object(
    { topicId: TopicId, ...TopicLimitsSet.schema.properties },
    { additionalProperties: false, title: 'SetTopicLimits' },
  ),
  aggregate: topicRules,
  stream: (input, context) => topicRulesStream(context.tenant, input.topicId),
  lookUp: (input, context, { directory }) => presentTopic(directory, context.tenant, input.topicId),
  decide: (input, state) => setLimits(input, state),
  answer: ({ input }) => input,
});
