/** POST /outreach/v1/messages/bulk: thousands of requests as NDJSON, answered with a line for each while they arrive. */
import { Type } from '@sinclair/typebox';
import { createShares } from '../../commands/shares.js';
import { messengersOnly } from '../auth/access.js';
import { answering } from '../exchange/bulk.js';
import type { Telling } from '../exchange/bulkLines.js';
import { liveRoute } from '../liveRoute.js';
import { refused } from '../refused.js';
import type { Route } from '../route.js';
import type { Upload } from '../upload.js';
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

const ndjson = 'application/x-ndjson';
const uploadsMax = { total: 8, perOwner: 2 };

export const messageBulkRoutes = (services: MessageBulkRoutes): Route[] => {
  const shares = createShares(uploadsMax);
  return [
    liveRoute({
      method: 'POST',
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
      query: {
        from: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 1_000_000_000,
            description: 'The number of the first line that is sent; 1 unless told',
          }),
        ),
      },
      body: Type.String({ description: 'One MessageRequest a line, as JSON' }),
      upload: { contentTypes: [ndjson], bytesMax: bulkBytesMax, lineMax: bulkLineMax },
      idempotencyKey: 'required',
      command: 'AcceptMessage',
      response: Type.String({ description: 'One JSON object a line' }),
      contentType: ndjson,
      problems: ['job-running'],
      handle: (request, live) => {
        const { kind, id } = requesterOf(request.caller);
        const release = shares.take(`${request.caller.tenant}/${kind}/${id}`);
        if (!release) throw refused('job-running', 'Wait for an upload to end.');
        // Also where the client is gone before the first piece is asked for.
        live.gone.addEventListener('abort', release, { once: true });
        if (live.gone.aborted) release();
        const bulk = {
          ...{ key: request.idempotencyKey, context: acceptContext(request) },
          ...{ now: services.now, from: request.query.from ?? 1, admit: live.admit },
        };
        const upload = request.body as unknown as Upload;
        const work = (telling: Telling, signal: AbortSignal) =>
          acceptLines(services, bulk, upload, telling, signal).finally(release);
        return { body: answering(work, services.stopping) };
      },
    }),
  ];
};
