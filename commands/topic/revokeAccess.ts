/** Ends a partner's sight of a topic; what it saw is in its history. */
import { Type } from '@sinclair/typebox';
import { PartnerId, TopicId } from '../../domain/ids.js';
import {
  revokeAccess as decide,
  topicAccess,
  topicAccessStream,
} from '../../domain/topic/access.js';
import { defineCommand } from '../command.js';
import { presentTopic } from '../partner/present.js';

export const revokeAccess = defineCommand({
  name: 'RevokeTopicAccess',
  summary: "Ends a partner's sight of a topic.",
  input: Type.Object(
    { topicId: TopicId, partnerId: PartnerId, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'RevokeTopicAccess' },
  ),
  aggregate: topicAccess,
  stream: (input, context) => topicAccessStream(context.tenant, input.topicId),
  lookUp: (input, context, { directory }) => presentTopic(directory, context.tenant, input.topicId),
  decide: ({ partnerId, reason }, state) => decide({ partnerId, reason }, state),
  answer: ({ input: { topicId, partnerId } }) => ({ topicId, partnerId }),
});
