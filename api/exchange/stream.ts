/**
 * GET /exchange/v1/topics/{topicId}/stream: what is published on a topic, as server-sent events. It has the places of a pull, so a
 * reader may change from one to the other at any time, and comes back with the place it knows after any interruption.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Type } from '@sinclair/typebox';
import type { Directory } from '../../commands/directory.js';
import type { Follow } from '../../commands/publication/follow.js';
import type { HandOver } from '../../commands/publication/handovers.js';
import { seenTopic } from '../../commands/publication/seenTopic.js';
import { TopicId } from '../../domain/ids.js';
import { publicationsStream } from '../../domain/publication/publication.js';
import { actingPartner, partnersOnly } from '../auth/access.js';
import type { PartnerCaller } from '../auth/caller.js';
import { faulty } from '../input.js';
import type { Live } from '../live.js';
import { liveRoute } from '../liveRoute.js';
import { problemOf } from '../problem.js';
import type { Route } from '../route.js';
import { filterLengthMax, filterOf } from './eventFilter.js';
import { handOverTo } from './handingOver.js';
import { endFrame, frameOf, heartbeat, retryFrame, type StreamEnd } from './streamFrames.js';
import type { StreamSlots } from './streamSlots.js';

export interface StreamRoutes {
  readonly directory: Directory;
  readonly follow: Follow;
  readonly handOver: HandOver;
  readonly slots: StreamSlots;
  /** The revision of the last fact of a stream, null where it does not exist. */
  readonly lastRevision: (stream: string) => Promise<number | null>;
  readonly monotonicMs: () => number;
  readonly limits?: Partial<StreamTimes>;
}

export interface StreamTimes {
  /** How often access is looked at while nothing comes. */
  readonly turnMs: number;
  readonly heartbeatMs: number;
  /** A reader that does not take the end of a stream is left, so that the process can stop. */
  readonly farewellMs: number;
}

const timesDefault: StreamTimes = { turnMs: 1_000, heartbeatMs: 15_000, farewellMs: 1_000 };

/** Readers that lost one process do not all come to the next at once. */
const retryMs = () => 1_000 + Math.floor(Math.random() * 2_000);

const stopped: StreamEnd = {
  reason: 'stopping',
  detail: 'This process is stopping: come back with the last place, another one answers.',
  again: true,
};
const revoked: StreamEnd = {
  reason: 'access-revoked',
  detail: 'The partner may not see this topic any more: ask its owner.',
  again: false,
};
const mayComeBack = new Set(['log-unavailable', 'token-expired', 'internal-error']);

const endOf = (error: unknown): { readonly end: StreamEnd; readonly unexpected: boolean } => {
  const { code, body, unexpected } = problemOf(error, '');
  if (code === 'topic-not-found') return { end: revoked, unexpected };
  const detail = String(body['detail']);
  return { end: { reason: code, detail, again: mayComeBack.has(code) }, unexpected };
};

const placeGrammar = /^\d{1,15}$/;

/** The place to go on after; a reader that comes back says it in Last-Event-ID, whatever its URL says. */
const askedPlace = (
  header: string | string[] | undefined,
  after: string | undefined,
): number | 'now' | null => {
  if (header !== undefined && header !== '') {
    if (placeGrammar.test(String(header))) return Number(header);
    throw faulty('header', '/Last-Event-ID', 'must be the id of an event of this stream');
  }
  if (after === undefined) return null;
  return after === 'now' ? 'now' : Number(after);
};

export const streamRoutes = (services: StreamRoutes): Route[] => {
  const { directory, follow, handOver, slots, lastRevision, monotonicMs } = services;
  const times = { ...timesDefault, ...services.limits };

  /** Pieces of a stream, until the signal aborts, access ends or the log fails. */
  async function* pieces(
    question: Parameters<Follow>[0],
    caller: PartnerCaller,
    live: Live,
    ending: AbortSignal,
  ): AsyncGenerator<string> {
    const seen = () => seenTopic(directory, caller.tenant, question.topicId, caller.partnerId);
    yield retryFrame(retryMs());
    let sentAt = monotonicMs();
    try {
      for await (const steps of follow(question, caller.tenant, times.turnMs, ending)) {
        live.admit();
        const shown = steps.flatMap((step) => (step.kind === 'shown' ? [step.place] : []));
        if (shown.length > 0) {
          await handOverTo(handOver, caller, seen().topic, 'stream', shown, () => {
            live.admit();
            seen();
          });
        }
        const text = steps.map(frameOf).join('');
        const isDue = monotonicMs() - sentAt >= times.heartbeatMs;
        if (text === '' && !isDue) continue;
        yield text || heartbeat;
        sentAt = monotonicMs();
      }
      yield endFrame(stopped);
    } catch (error) {
      const { end, unexpected } = endOf(error);
      yield endFrame(end);
      if (!unexpected) return;
      // What was written leaves at the end of the turn: broken off at once, the reader would never see why.
      await nextTurn();
      throw error;
    }
  }

  const route = liveRoute({
    method: 'GET',
    path: '/exchange/v1/topics/{topicId}/stream',
    summary: 'Streams what is published on a topic, as server-sent events',
    description:
      'Each event has the place as its id and, as its data, what a pull answers for it. `passed` tells of places that are left out ' +
      '(`hidden`, `filtered`, `expired`, `gone`), so that every place is accounted for; `end` tells why the stream ends and whether coming ' +
      'back helps. A reader that comes back sends the last id as `Last-Event-ID` and misses nothing. Access is looked at all the time.',
    tags: ['Exchange'],
    access: partnersOnly,
    params: { topicId: TopicId },
    query: {
      after: Type.Optional(
        Type.String({
          pattern: '^(\\d{1,15}|now)$',
          description:
            'The place to go on after, or `now` for what is still to come; from the beginning unless told',
        }),
      ),
      filter: Type.Optional(
        Type.String({
          maxLength: filterLengthMax,
          description: 'A CloudEvents filter as JSON: `{"prefix":{"type":"com.motorhouse."}}`',
        }),
      ),
    },
    headers: {
      'Last-Event-ID': Type.Optional(
        Type.String({ description: 'The last place that is known; wins over `after`' }),
      ),
    },
    response: Type.String({ description: 'text/event-stream' }),
    contentType: 'text/event-stream',
    problems: ['topic-not-found', 'too-many-streams'],
    examples: {
      response: [
        {
          summary: 'A publication, and places that the filter leaves out',
          value:
            'id: 17\ndata: {"place":17,"publishedAt":"2026-03-01T12:00:00.000Z","event":{"specversion":"1.0","id":"choice-17"}}\n\n' +
            'id: 19\nevent: passed\ndata: {"first":18,"last":19,"reason":"filtered"}\n\n',
        },
      ],
    },
    handle: async (request, live) => {
      const caller = actingPartner(request.caller);
      const { tenant, partnerId } = caller;
      const { topicId } = request.params;
      const { filter: filterText, after: asked } = request.query;
      seenTopic(directory, tenant, topicId, partnerId);
      const filter = filterText === undefined ? null : filterOf(filterText);
      const place = askedPlace(request.headers['last-event-id'], asked);
      const after =
        place === 'now' ? await lastRevision(publicationsStream(tenant, topicId)) : place;

      const ending = new AbortController();
      live.gone.addEventListener('abort', () => ending.abort(), { once: true });
      const release = slots.take(tenant, partnerId, () => {
        ending.abort();
        setTimeout(live.hangUp, times.farewellMs).unref();
      });
      live.gone.addEventListener('abort', release, { once: true });
      if (live.gone.aborted) release();
      const question = { topicId, partnerId, after, filter };
      return {
        body: pieces(question, caller, live, ending.signal),
        headers: {
          'cache-control': 'no-store, no-transform',
          // nginx and those that follow it pass each piece on as it comes.
          'x-accel-buffering': 'no',
        },
      };
    },
  });
  return [route];
};
