/** Lets a partner see a topic of another, with what was published before or without. */
import { Type } from '@sinclair/typebox';
import { PartnerId, TopicId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import {
  grantAccess as decide,
  History,
  topicAccess,
  topicAccessStream,
} from '../../domain/topic/access.js';
import { defineCommand } from '../command.js';
import { presentPartner, presentTopic } from '../partner/present.js';

export const grantAccess = defineCommand({
  name: 'GrantTopicAccess',
  summary: 'Lets a partner see a topic.',
  input: Type.Object(
    { topicId: TopicId, partnerId: PartnerId, history: History },
    { additionalProperties: false, title: 'GrantTopicAccess' },
  ),
  aggregate: topicAccess,
  stream: (input, context) => topicAccessStream(context.tenant, input.topicId),
  lookUp: ({ topicId, partnerId }, { tenant }, { directory }) => {
    const { owner } = presentTopic(directory, tenant, topicId);
    presentPartner(directory, tenant, partnerId);
    if (owner === partnerId) throw rejected('grant-to-owner', { topicId, partnerId });
  },
  decide: ({ partnerId, history }, state) => decide({ partnerId, history }, state),
  answer: ({ input }) => input,
});
