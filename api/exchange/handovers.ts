/**
 * Who was handed one publication by pull, stream or search, when, and whose program asked: the other half of who got it, beside what
 * webhooks delivered (recipients.ts). For the owner of the topic, and for operators.
 *
 * It is answered as of the question: what was recorded before is waited for, so that nobody is missing who has it already.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { Directory } from '../../commands/directory.js';
import type { TopicRecord } from '../../commands/exchange.js';
import type { Log } from '../../commands/log.js';
import { seenTopic } from '../../commands/publication/seenTopic.js';
import type { Fact } from '../../domain/fact.js';
import { handoversStream, HandoverWay } from '../../domain/handover/events.js';
import {
  CredentialId,
  PartnerId,
  PartnerUserId,
  type TenantId,
  TopicId,
} from '../../domain/ids.js';
import { publicationsStream } from '../../domain/publication/publication.js';
import { rejected } from '../../domain/rejected.js';
import type { FoundHandover, HandoverSearches } from '../../projections/handovers/search.js';
import { BadCursor } from '../../projections/pages.js';
import { wholeTenant } from '../admin/operatorCommand.js';
import type { History } from '../audit/history.js';
import { actingPartner, partnersOnly, readersOnly } from '../auth/access.js';
import { faulty } from '../input.js';
import { refused } from '../refused.js';
import { type Route, route } from '../route.js';
import { Instant, InstantOrNull, instantOf, instantOrNull, orNull } from '../wire.js';
import { Place } from './shownItem.js';

export const ShownHandover = Type.Object(
  {
    partnerId: PartnerId,
    way: HandoverWay,
    credentialId: orNull(CredentialId),
    userId: orNull(PartnerUserId),
    firstAt: Instant,
    lastAt: Type.String({
      format: 'date-time',
      description: 'The last time until now, to the minute; equal to `firstAt`: it was once',
    }),
  },
  { title: 'Handover' },
);

const knownFrom = Type.Union([Instant, Type.Null()], {
  description:
    'Records of what was handed over before are not kept any more; null: all since it was published are',
});

const Handovers = Type.Object(
  {
    topicId: TopicId,
    place: Place,
    publishedAt: Instant,
    items: Type.Array(ShownHandover),
    next: Type.Union([Type.String(), Type.Null()], {
      description: 'Send it as `after` for what follows; null at the end',
    }),
    knownFrom,
  },
  { title: 'Handovers' },
);
type Handovers = Static<typeof Handovers>;

/** In the answer on recipients: the first of them. */
export const FirstHandovers = Type.Object({
  items: Type.Array(ShownHandover),
  more: Type.Boolean({ description: 'There are more: `…/handovers` has them page by page' }),
  knownFrom: InstantOrNull,
});

export interface HandoversAsked {
  readonly tenant: TenantId;
  readonly topicId: TopicId;
  readonly publication: Pick<Fact, 'revision' | 'recordedAt'>;
  /** Only who had it by then; milliseconds since the epoch. */
  readonly at?: number | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** @throws BadCursor, DocumentsNotReady, ProjectionBehind, SearchTooCostly, and what the log throws. */
export type HandoversOf = (
  asked: HandoversAsked,
) => Promise<Pick<Handovers, 'items' | 'next' | 'knownFrom'>>;

const deadlineMs = 3_000;
const dayMs = 86_400_000;

const shownHandover = (found: FoundHandover): Handovers['items'][number] => {
  const { partnerId, way, by, firstAt, lastAt } = found;
  const id = by.slice(by.indexOf('/') + 1);
  const isUser = by.startsWith('user/');
  return {
    partnerId,
    way,
    credentialId: isUser ? null : (id as CredentialId),
    userId: isUser ? (id as PartnerUserId) : null,
    firstAt: instantOf(firstAt),
    lastAt: instantOf(lastAt),
  };
};

/** @param keptDays of the records; 0: for ever. */
export const createHandoversOf = (options: {
  readonly searches: HandoverSearches;
  readonly history: Pick<History, 'stream'>;
  readonly keptDays: number;
}): HandoversOf => {
  const { searches, history, keptDays } = options;
  return async ({ tenant, topicId, publication, at, limit, after, now }) => {
    const { revision: place, recordedAt: publishedAt } = publication;
    const latest = { direction: 'backwards', from: null, limit: 1 } as const;
    const { facts } = await history.stream(handoversStream(tenant, topicId), latest);
    if (facts[0]) await searches.reach(facts[0].position);
    const asked = { tenant, topicId, place, at, limit, after, deadlineMs };
    const { rows, next, keptFrom } = await searches.handovers(asked);
    const inLog = keptDays === 0 ? 0 : now - keptDays * dayMs;
    const known = Math.max(inLog, keptFrom ?? 0);
    return {
      items: rows.map(shownHandover),
      next,
      knownFrom: instantOrNull(known > publishedAt ? known : null),
    };
  };
};

export interface HandoverRoutes {
  readonly directory: Directory;
  readonly log: Pick<Log, 'read'>;
  readonly handoversOf: HandoversOf;
}

/** @throws Refused not-found */
export const publicationAt = async (
  log: Pick<Log, 'read'>,
  tenant: TenantId,
  topicId: TopicId,
  place: number,
): Promise<Fact> => {
  const [fact] = await log.read(publicationsStream(tenant, topicId), place, 1);
  if (fact?.revision === place) return fact;
  throw refused('not-found', 'Nothing was published at this place, or it is not kept any more.');
};

/** A topic of the partner itself. @throws Rejected topic-not-found, not-topic-owner */
export const ownedTopic = (
  directory: Directory,
  tenant: TenantId,
  topicId: TopicId,
  partnerId: PartnerId,
): TopicRecord => {
  const { topic, grant } = seenTopic(directory, tenant, topicId, partnerId);
  if (grant) throw rejected('not-topic-owner', { topicId });
  return topic;
};

/** @throws Rejected topic-not-found */
export const topicOf = (
  { exchange }: Directory,
  tenant: TenantId,
  topicId: TopicId,
): TopicRecord => {
  const topic = exchange.topic(tenant, topicId);
  if (!topic) throw rejected('topic-not-found', { topicId });
  return topic;
};

const shape = {
  params: { topicId: TopicId, place: Place },
  query: {
    at: Type.Optional(
      Type.String({ format: 'date-time', description: 'Only who had it by then; now unless told' }),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 500, default: 100, description: 'At most so many' }),
    ),
    after: Type.Optional(
      Type.String({ maxLength: 400, description: 'The `next` of the page before' }),
    ),
  },
  response: Handovers,
  examples: {
    response: [
      {
        summary: 'Pulled once, by a program of a bank',
        value: {
          topicId: 'cars_chosen',
          place: 17,
          publishedAt: '2026-03-01T12:00:00.000Z',
          items: [
            {
              partnerId: 'city_bank',
              way: 'pull',
              credentialId: 'credential1',
              userId: null,
              firstAt: '2026-03-01T12:00:01.000Z',
              lastAt: '2026-03-01T12:00:01.000Z',
            },
          ],
          next: null,
          knownFrom: null,
        },
      },
    ],
  },
} as const;
const description =
  'By partner, way and who asked. It is recorded before an answer leaves: whoever is not here was handed it by none of these ways. What ' +
  'webhooks delivered is told beside it, under `…/recipients`.';
const problems = [
  'topic-not-found',
  'not-found',
  'read-model-unavailable',
  'search-too-costly',
] as const;

interface Asked {
  readonly params: { readonly topicId: TopicId; readonly place: number };
  readonly query: { readonly at?: string; readonly limit?: number; readonly after?: string };
  readonly now: number;
}

const answerTo =
  ({ log, handoversOf }: HandoverRoutes) =>
  async (tenant: TenantId, { topicId }: TopicRecord, { params, query, now }: Asked) => {
    const publication = await publicationAt(log, tenant, topicId, params.place);
    const { at, limit = 100, after } = query;
    const by = at === undefined ? undefined : Date.parse(at);
    try {
      const found = await handoversOf({ tenant, topicId, publication, at: by, limit, after, now });
      const publishedAt = instantOf(publication.recordedAt);
      return { body: { topicId, place: params.place, publishedAt, ...found } };
    } catch (error) {
      if (!(error instanceof BadCursor)) throw error;
      throw faulty('query', '/after', 'is not the `next` of a page of this list');
    }
  };

export const handoverRoutes = (services: HandoverRoutes): Route[] => {
  const answer = answerTo(services);
  return [
    route({
      method: 'GET',
      path: '/exchange/v1/topics/{topicId}/publications/{place}/handovers',
      summary: 'Who pulled, streamed or found a publication of an own topic, and when',
      description,
      tags: ['Exchange'],
      access: partnersOnly,
      ...shape,
      problems: ['not-topic-owner', ...problems],
      handle: async (request) => {
        const { tenant, partnerId } = actingPartner(request.caller);
        const { topicId } = request.params;
        const topic = ownedTopic(services.directory, tenant, topicId, partnerId);
        return answer(tenant, topic, request);
      },
    }),
  ];
};

export const handoverAdminRoutes = (services: HandoverRoutes): Route[] => {
  const answer = answerTo(services);
  return [
    route({
      method: 'GET',
      path: '/admin/v1/topics/{topicId}/publications/{place}/handovers',
      summary: 'Who pulled, streamed or found a publication, and when.',
      description,
      tags: ['Topics'],
      access: readersOnly,
      ...shape,
      problems,
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const topic = topicOf(services.directory, tenant, request.params.topicId);
        return answer(tenant, topic, request);
      },
    }),
  ];
};
