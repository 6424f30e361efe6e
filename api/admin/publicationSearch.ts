/**
 * /admin/v1/topics/{topicId}/search: operators search among what was published, all of it or what one partner can see, now or at a
 * time: "what of this could the bank see in May" is one request. Personal parts stay closed: operators have no business with them.
 */
import { Type } from '@sinclair/typebox';
import type { Directory } from '../../commands/directory.js';
import type { Reveal } from '../../commands/publication/reveal.js';
import { PartnerId, type TenantId, TopicId } from '../../domain/ids.js';
import type { Published } from '../../domain/publication/publication.js';
import { rejected } from '../../domain/rejected.js';
import { grantAt } from '../../domain/topic/access.js';
import type { Span } from '../../projections/documents/searching.js';
import { operatorsOnly } from '../auth/access.js';
import { openedBy, revealed, type SearchRoutes } from '../exchange/search.js';
import { SearchAnswer, searched, searchOf, searchQuery } from '../exchange/searchQuery.js';
import { shownItem } from '../exchange/shownItem.js';
import { type Route, route } from '../route.js';
import { wholeTenant } from './operatorCommand.js';

const query = {
  asPartner: Type.Optional(
    Type.Unsafe<PartnerId>({ ...PartnerId, description: 'Only what this partner can see' }),
  ),
  ...searchQuery,
} as const;

/** Null: nothing. @throws Rejected partner-not-found */
const visibleTo = (
  { exchange }: Directory,
  tenant: TenantId,
  topicId: TopicId,
  partnerId: PartnerId,
  at: number,
): Span | null => {
  if (!exchange.partner(tenant, partnerId)) throw rejected('partner-not-found', { partnerId });
  if (exchange.topic(tenant, topicId)?.owner === partnerId) return {};
  const grant = grantAt(exchange.access(tenant, topicId), partnerId, at);
  return grant && openedBy(grant);
};

/** As it was recorded: what is personal is null there. */
const withoutPersonal =
  (reveal: Reveal, tenant: TenantId, topicId: TopicId, now: number) =>
  async (fact: Parameters<Reveal>[2]) => {
    const published = fact.data as Published;
    const closed = { ...fact, data: { ...published, personal: undefined } };
    const found = await reveal(tenant, topicId, closed, now);
    return found.kind === 'expired' ? null : published.publication;
  };

export const publicationSearchRoutes = ({
  directory,
  searches,
  reveal,
}: Omit<SearchRoutes, 'handOver'>): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/topics/{topicId}/search',
    summary: 'Searches among what was published on a topic, as anybody could see it.',
    description:
      'As partners do it. `asPartner` finds only what that partner can see; with `at`, what it could see then, whether or not it still can. ' +
      'Personal parts are null.',
    tags: ['Topics'],
    access: operatorsOnly('owner', 'manager', 'auditor'),
    params: { topicId: TopicId },
    query,
    response: SearchAnswer,
    problems: [
      ...(['topic-not-found', 'partner-not-found', 'time-in-future'] as const),
      ...(['search-too-costly', 'read-model-unavailable'] as const),
    ],
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const { params, query, now } = request;
      const { topicId } = params;
      const topic = directory.exchange.topic(tenant, topicId);
      if (!topic) throw rejected('topic-not-found', { topicId });
      const at = query.at === undefined ? now : Date.parse(query.at);
      if (at > now) throw rejected('time-in-future');
      const { asPartner } = query;
      const opened = asPartner ? visibleTo(directory, tenant, topicId, asPartner, at) : {};
      const visible = query.at === undefined ? opened : opened && { ...opened, to: at };
      const search = searchOf(query, { tenant, topicId, visible: visible ?? {}, now });
      const { rows, next, keptFrom } = visible
        ? await searched(searches, query, search)
        : { rows: [], next: null, keptFrom: null };
      const items = await revealed(rows, withoutPersonal(reveal, tenant, topicId, now));
      const searchedFrom = keptFrom === null ? null : new Date(keptFrom).toISOString();
      return {
        body: { topicId, owner: topic.owner, items: items.map(shownItem), next, searchedFrom },
      };
    },
  }),
];
