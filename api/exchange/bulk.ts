/** POST …/publications/bulk: thousands of events as NDJSON, answered with a line for each while they arrive. */
import { Type } from '@sinclair/typebox';
import { ownTopic } from '../../commands/publication/ownTopic.js';
import type { Handler } from '../../commands/handle.js';
import { createShares } from '../../commands/shares.js';
import { TopicId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { actingPartner, publishersOnly } from '../auth/access.js';
import { contextOf } from '../commandContext.js';
import { refused } from '../refused.js';
import { liveRoute } from '../liveRoute.js';
import type { Route } from '../route.js';
import type { Upload } from '../upload.js';
import {
  bulkBytesMax,
  bulkLineMax,
  bulkLinesMax,
  type BulkParts,
  publishLines,
  type Telling,
} from './bulkLines.js';

export interface BulkRoutes extends BulkParts {
  readonly handler: Handler;
  /** Aborts when the process is to stop. */
  readonly stopping: AbortSignal;
}

const ndjson = 'application/x-ndjson';
/** At a time, in this process, and of one partner. */
const uploadsMax = { total: 4, perOwner: 2 } as const;
/** Characters of answers that nobody took yet. */
const toldMax = 8_000_000;

/**
 * What `work` tells, as text, while it works. What the client does not take yet is kept, so that one that sends all before it listens
 * does not wait for itself; beyond some megabytes the file is read no faster than its answers are.
 */
export const answering = async function* (
  work: (telling: Telling, signal: AbortSignal) => Promise<void>,
  stopping: AbortSignal,
): AsyncGenerator<string> {
  const gone = new AbortController();
  let told = '';
  let wake = (): void => undefined;
  let goOn = (): void => undefined;
  let isOver = false;
  const telling: Telling = {
    tell: (answer) => {
      told += `${JSON.stringify(answer)}\n`;
      wake();
    },
    room: async () => {
      while (told.length > toldMax && !gone.signal.aborted) {
        await new Promise<void>((resolve) => (goOn = resolve));
      }
    },
  };
  const running = work(telling, AbortSignal.any([gone.signal, stopping])).finally(() => {
    isOver = true;
    wake();
  });
  // It is awaited below, at the latest when nobody listens any more.
  running.catch(() => undefined);
  try {
    while (!isOver || told !== '') {
      const piece = told;
      told = '';
      goOn();
      if (piece !== '') yield piece;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    await running;
  } finally {
    gone.abort();
    goOn();
    await running.catch(() => undefined);
  }
};

export const bulkRoutes = (services: BulkRoutes): Route[] => {
  const shares = createShares(uploadsMax);
  return [
    liveRoute({
      method: 'POST',
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
      query: {
        from: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 1_000_000_000,
            description: 'The number of the first line that is sent; 1 unless told',
          }),
        ),
      },
      body: Type.String({ description: 'One CloudEvent a line, as JSON' }),
      upload: { contentTypes: [ndjson], bytesMax: bulkBytesMax, lineMax: bulkLineMax },
      idempotencyKey: 'required',
      command: 'Publish',
      response: Type.String({ description: 'One JSON object a line' }),
      contentType: ndjson,
      problems: ['topic-not-found', 'not-topic-owner', 'topic-archived', 'job-running'],
      handle: (request, live) => {
        const { tenant, partnerId } = actingPartner(request.caller);
        const { topicId } = request.params;
        const topic = ownTopic(services.handler.directory, tenant, topicId, partnerId);
        if (topic.status === 'archived') throw rejected('topic-archived', { topicId });
        const release = shares.take(`${tenant}/${partnerId}`);
        if (!release) throw refused('job-running', 'Wait for an upload to end.');
        // Also where the client is gone before the first piece is asked for.
        live.gone.addEventListener('abort', release, { once: true });
        if (live.gone.aborted) release();
        const context = contextOf(request, undefined);
        const from = request.query.from ?? 1;
        const bulk = { topicId, partnerId, context, from, admit: live.admit };
        const upload = request.body as unknown as Upload;
        const work = (telling: Telling, signal: AbortSignal) =>
          publishLines(services, bulk, upload, telling, signal).finally(release);
        return { body: answering(work, services.stopping) };
      },
    }),
  ];
};
