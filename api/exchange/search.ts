/**
 * /exchange/v1/topics/{topicId}/search: a partner searches among what it may see of a topic now; with `at`, among what it could also see
 * then. Nothing is ever found by what is not shown: access is part of the question that the store of documents is asked.
 */
import type { Directory } from '../../commands/directory.js';
import type { HandOver } from '../../commands/publication/handovers.js';
import type { Reveal } from '../../commands/publication/reveal.js';
import { seenTopic } from '../../commands/publication/seenTopic.js';
import { type PartnerId, type TenantId, TopicId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { type Grant, grantAt } from '../../domain/topic/access.js';
import type { Fact } from '../../domain/fact.js';
import type { Publication } from '../../domain/publication/publication.js';
import type { Span } from '../../projections/documents/searching.js';
import { actingPartner, partnersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { handOverTo } from './handingOver.js';
import { SearchAnswer, searched, type Searches, searchOf, searchQuery } from './searchQuery.js';
import { shownItem } from './shownItem.js';

export interface SearchRoutes {
  readonly directory: Directory;
  readonly searches: Searches;
  readonly reveal: Reveal;
  readonly handOver: HandOver;
}

/** What a grant opens, at a time at which it holds. */
export const openedBy = (grant: Grant): Span =>
  grant.history === 'all' ? {} : { from: grant.since };

const both = (one: Span, other: Span): Span => ({
  from: Math.max(one.from ?? -Infinity, other.from ?? -Infinity),
  to: Math.min(one.to ?? Infinity, other.to ?? Infinity),
});

const bounded = ({ from, to }: Span): Span => ({
  from: Number.isFinite(from) ? (from as number) : null,
  to: Number.isFinite(to) ? (to as number) : null,
});

/** Of one that is null nothing can be seen. @throws Rejected topic-not-found, time-in-future */
const visibleTo = (
  directory: Directory,
  tenant: TenantId,
  topicId: TopicId,
  partnerId: PartnerId,
  at: number | null,
  now: number,
): Span | null => {
  const { grant } = seenTopic(directory, tenant, topicId, partnerId);
  const opened = grant ? openedBy(grant) : {};
  if (at === null) return opened;
  if (at > now) throw rejected('time-in-future');
  if (!grant) return { to: at };
  const then = grantAt(directory.exchange.access(tenant, topicId), partnerId, at);
  return then ? bounded(both(opened, { ...openedBy(then), to: at })) : null;
};

export interface Shown {
  readonly place: number;
  readonly publishedAt: number;
  readonly publication: Publication;
}

/** Those that may be shown at all, as `reveal` has them. */
export const revealed = async (
  facts: readonly Fact[],
  show: (fact: Fact) => Promise<Publication | null>,
): Promise<Shown[]> => {
  const shown = await Promise.all(
    facts.map(async (fact) => {
      const publication = await show(fact);
      const { revision: place, recordedAt: publishedAt } = fact;
      return publication ? [{ place, publishedAt, publication }] : [];
    }),
  );
  return shown.flat();
};

export const searchRoutes = ({ directory, searches, reveal, handOver }: SearchRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/exchange/v1/topics/{topicId}/search',
    summary: 'Searches among what was published on a topic',
    description:
      'By attributes, times, words and any path of the payload; everything that is given has to hold. Only what the partner may see now; with ' +
      '`at`, only what it could see then, too. Personal parts are never searched, and answered as they may be shown.',
    tags: ['Exchange'],
    access: partnersOnly,
    params: { topicId: TopicId },
    query: searchQuery,
    response: SearchAnswer,
    problems: ['topic-not-found', 'time-in-future', 'search-too-costly', 'read-model-unavailable'],
    handle: async ({ caller, params: { topicId }, query, now, isHead }) => {
      const partner = actingPartner(caller);
      const { tenant, partnerId } = partner;
      const at = query.at === undefined ? null : Date.parse(query.at);
      const visible = visibleTo(directory, tenant, topicId, partnerId, at, now);
      const seen = () => seenTopic(directory, tenant, topicId, partnerId);
      const { topic } = seen();
      const search = searchOf(query, { tenant, topicId, visible: visible ?? {}, now });
      const { rows, next, keptFrom } = visible
        ? await searched(searches, query, search)
        : { rows: [], next: null, keptFrom: null };
      const items = await revealed(rows, async (fact) => {
        const found = await reveal(tenant, topicId, fact, now);
        return found.kind === 'expired' ? null : found.publication;
      });
      const places = items.map(({ place }) => place);
      if (!isHead) await handOverTo(handOver, partner, topic, 'search', places, seen);
      const searchedFrom = keptFrom === null ? null : new Date(keptFrom).toISOString();
      return {
        body: { topicId, owner: topic.owner, items: items.map(shownItem), next, searchedFrom },
      };
    },
  }),
];
