/** POST /outreach/v1/messages/bulk: thousands of requests as NDJSON, answered with a line for each while they arrive. */
import { messengersOnly } from '../auth/access.js';
import { bulkRoute } from '../bulk/bulkRoute.js';
import type { Route } from '../route.js';
import { requesterOf } from './asker.js';
import {
  acceptLines,
  bulkBytesMax,
  bulkLineMax,
  bulkLinesMax,
  type BulkParts,
} from './bulkLines.js';
import { acceptContext } from './messages.js';

export interface MessageBulkRoutes extends BulkParts {
  /** Aborts when the process is to stop. */
  readonly stopping: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export const messageBulkRoutes = (services: MessageBulkRoutes): Route[] => [
  bulkRoute({
    path: '/outreach/v1/messages/bulk',
    summary: 'Takes a file of messages, one MessageRequest a line',
    description:
      `NDJSON: at most ${bulkLinesMax} lines of ${bulkLineMax} characters, ${bulkBytesMax} bytes in all. Answered with NDJSON while it ` +
      'arrives: for each line its `messageId`, or the `code` and `faults` of its refusal; after each batch `resumeAt`; at the end `done` ' +
      'and how many there were. A line has its own `idempotencyKey`, or one made of the header and its number: sent again, nothing ' +
      'becomes two messages. An upload that broke off is gone on with by the same key, `from` the last `resumeAt`. Two at a time for ' +
      'each requester.',
    tags: ['Outreach'],
    access: messengersOnly,
    line: 'One MessageRequest a line',
    bytesMax: bulkBytesMax,
    lineMax: bulkLineMax,
    uploadsMax: { total: 8, perOwner: 2 },
    stopping: services.stopping,
    command: 'AcceptMessage',
    begin: (request, start) => {
      const { kind, id } = requesterOf(request.caller);
      const bulk = {
        key: request.idempotencyKey,
        context: acceptContext(request),
        now: services.now,
        ...start,
      };
      return {
        owner: `${request.caller.tenant}/${kind}/${id}`,
        work: (...heard) => acceptLines(services, bulk, ...heard),
      };
    },
  }),
];
