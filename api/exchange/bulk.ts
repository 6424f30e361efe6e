/** POST …/publications/bulk: thousands of events as NDJSON, answered with a line for each while they arrive. */
import type { Handler } from '../../commands/handle.js';
import { ownTopic } from '../../commands/publication/ownTopic.js';
import { TopicId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { actingPartner, publishersOnly } from '../auth/access.js';
import { bulkRoute } from '../bulk/bulkRoute.js';
import { contextOf } from '../commandContext.js';
import type { Route } from '../route.js';
import {
  bulkBytesMax,
  bulkLineMax,
  bulkLinesMax,
  type BulkParts,
  publishLines,
} from './bulkLines.js';

export interface BulkRoutes extends BulkParts {
  readonly handler: Handler;
  /** Aborts when the process is to stop. */
  readonly stopping: AbortSignal;
}

export const bulkRoutes = (services: BulkRoutes): Route[] => [
  bulkRoute({
    path: '/exchange/v1/topics/{topicId}/publications/bulk',
    summary: 'Publishes a file of events, one CloudEvent a line',
    description:
      `NDJSON: at most ${bulkLinesMax} lines of ${bulkLineMax} characters, ${bulkBytesMax} bytes in all. Answered with NDJSON while ` +
      'it arrives: for each line its `place`, or its `faults` with pointers; after each batch `resumeAt`; at the end `done` and how ' +
      'many there were. Sent again under the same `Idempotency-Key`, the same file is published once. An upload that broke off is ' +
      'gone on with by the same key, `from` the last `resumeAt`. Who sends may publish is asked again before each batch. A partner has ' +
      'two uploads at a time.',
    tags: ['Exchange'],
    access: publishersOnly,
    params: { topicId: TopicId },
    line: 'One CloudEvent a line',
    bytesMax: bulkBytesMax,
    lineMax: bulkLineMax,
    uploadsMax: { total: 4, perOwner: 2 },
    stopping: services.stopping,
    command: 'Publish',
    problems: ['topic-not-found', 'not-topic-owner', 'topic-archived'],
    begin: (request, start) => {
      const { tenant, partnerId } = actingPartner(request.caller);
      const { topicId } = request.params;
      const topic = ownTopic(services.handler.directory, tenant, topicId, partnerId);
      if (topic.status === 'archived') throw rejected('topic-archived', { topicId });
      const bulk = { topicId, partnerId, context: contextOf(request, undefined), ...start };
      return {
        owner: `${tenant}/${partnerId}`,
        work: (...heard) => publishLines(services, bulk, ...heard),
      };
    },
  }),
];
