/** Says how what is published on a topic is handled unless a publication says otherwise: how long it is shown, what of it is personal. */
import { Type } from '@sinclair/typebox';
import { TopicId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import {
  setHandling,
  TopicHandlingSet,
  topicRules,
  topicRulesStream,
} from '../../domain/topic/rules.js';
import { defineCommand } from '../command.js';
import { presentTopic } from '../partner/present.js';

export const setTopicHandling = defineCommand({
  name: 'SetTopicHandling',
  summary: 'Says how long what is published is shown, and which parts of it are personal.',
  input: Type.Object(
    { topicId: TopicId, ...TopicHandlingSet.schema.properties },
    { additionalProperties: false, title: 'SetTopicHandling' },
  ),
  aggregate: topicRules,
  stream: (input, context) => topicRulesStream(context.tenant, input.topicId),
  lookUp: ({ topicId }, { tenant }, { directory }) => {
    const { status } = presentTopic(directory, tenant, topicId);
    if (status === 'archived') throw rejected('topic-archived', { topicId });
  },
  decide: (input, state) => setHandling(input, state),
  answer: ({ input }) => input,
});
