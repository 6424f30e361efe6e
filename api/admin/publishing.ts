/** /admin/v1/topics and /admin/v1/partners: what operators set and see of publishing: schemas, handling, limits, erasures. */
import { Type } from '@sinclair/typebox';
import { presentPartner, presentTopic } from '../../commands/partner/present.js';
import { setPartnerLimits } from '../../commands/partner/setLimits.js';
import {
  type EraseSubject,
  EraseSubjectInput,
  eraseSubjectName,
} from '../../commands/publication/eraseSubject.js';
import { setTopicHandling } from '../../commands/topic/setHandling.js';
import { setTopicLimits } from '../../commands/topic/setLimits.js';
import { PartnerId, TopicId } from '../../domain/ids.js';
import { SubjectKey } from '../../domain/publication/publication.js';
import { noRules } from '../../domain/topic/rules.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { TopicRulesShown } from '../exchange/publishing.js';
import { type SchemaRoutes, schemaRoutes, type Side } from '../exchange/schemas.js';
import { type Route, route } from '../route.js';
import { contextOf, done, wholeTenant } from './operatorCommand.js';

export interface PublishingAdminRoutes extends SchemaRoutes {
  readonly eraseSubject: EraseSubject;
}

const topicTags = ['Topics'] as const;
const partnerTags = ['Partners'] as const;
const ofTopic = { topicId: TopicId } as const;

export const publishingAdminRoutes = (services: PublishingAdminRoutes): Route[] => {
  const { handler, eraseSubject } = services;
  const { directory } = handler;
  const maySee: Side['maySee'] = (request, topicId) => {
    presentTopic(directory, wholeTenant(request).tenant, topicId);
  };
  const side: Side = {
    base: '/admin/v1',
    tags: topicTags,
    readers: readersOnly,
    editors: editorsOnly,
    maySee,
    mayChange: maySee,
  };
  return [
    ...schemaRoutes(services, side),
    route({
      method: 'GET',
      path: '/admin/v1/topics/{topicId}/rules',
      summary: 'Shows how what is published on a topic is handled, and its limits.',
      tags: topicTags,
      access: readersOnly,
      params: ofTopic,
      response: TopicRulesShown,
      problems: ['topic-not-found'],
      handle: (request) => {
        const { topicId } = request.params;
        maySee(request, topicId);
        const known = directory.publishing.topic(request.caller.tenant, topicId) ?? noRules;
        return { body: { topicId, handling: known.handling, limits: known.limits } };
      },
    }),
    route({
      method: 'PUT',
      path: '/admin/v1/topics/{topicId}/handling',
      summary: 'Says how long events of a topic are shown, and which parts of them are personal.',
      tags: topicTags,
      access: editorsOnly,
      params: ofTopic,
      body: Type.Omit(setTopicHandling.input, ['topicId'], { title: 'TopicHandling' }),
      idempotencyKey: 'optional',
      command: setTopicHandling.name,
      response: setTopicHandling.input,
      problems: ['topic-not-found', 'topic-archived'],
      examples: {
        body: [{ summary: 'A day', value: { timeToLiveSeconds: 86_400, personal: null } }],
      },
      handle: async (request) => {
        wholeTenant(request);
        const input = { ...request.params, ...request.body };
        return done(await handler.handle(setTopicHandling, input, contextOf(request)));
      },
    }),
    route({
      method: 'PUT',
      path: '/admin/v1/topics/{topicId}/limits',
      summary: 'Bounds how many events a second a topic takes, and how large each may be.',
      tags: topicTags,
      access: editorsOnly,
      params: ofTopic,
      body: Type.Omit(setTopicLimits.input, ['topicId'], { title: 'TopicLimits' }),
      idempotencyKey: 'optional',
      command: setTopicLimits.name,
      response: setTopicLimits.input,
      problems: ['topic-not-found'],
      examples: {
        body: [{ summary: 'Both', value: { eventsPerSecond: 200, eventBytesMax: 20_000 } }],
      },
      handle: async (request) => {
        wholeTenant(request);
        const input = { ...request.params, ...request.body };
        return done(await handler.handle(setTopicLimits, input, contextOf(request)));
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/partners/{partnerId}/limits',
      summary: 'Shows how many events a second a partner may publish.',
      tags: partnerTags,
      access: readersOnly,
      params: { partnerId: PartnerId },
      response: setPartnerLimits.input,
      problems: ['partner-not-found', 'revoked'],
      handle: (request) => {
        const { partnerId } = request.params;
        const { tenant } = wholeTenant(request);
        presentPartner(directory, tenant, partnerId);
        const limits = directory.publishing.partnerLimits(tenant, partnerId);
        return { body: { partnerId, eventsPerSecond: limits?.eventsPerSecond ?? null } };
      },
    }),
    route({
      method: 'PUT',
      path: '/admin/v1/partners/{partnerId}/limits',
      summary: 'Bounds how many events a second a partner publishes on all of its topics.',
      tags: partnerTags,
      access: editorsOnly,
      params: { partnerId: PartnerId },
      body: Type.Omit(setPartnerLimits.input, ['partnerId'], { title: 'PartnerLimits' }),
      idempotencyKey: 'optional',
      command: setPartnerLimits.name,
      response: setPartnerLimits.input,
      problems: ['partner-not-found', 'revoked'],
      examples: { body: [{ summary: 'As many as it needs', value: { eventsPerSecond: 500 } }] },
      handle: async (request) => {
        wholeTenant(request);
        const input = { ...request.params, ...request.body };
        return done(await handler.handle(setPartnerLimits, input, contextOf(request)));
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/partners/{partnerId}/subjects/erasure',
      summary: 'Forgets a person in all that a partner published; this cannot be undone.',
      tags: partnerTags,
      access: editorsOnly,
      params: { partnerId: PartnerId },
      body: Type.Omit(EraseSubjectInput, ['partnerId'], { title: 'SubjectErasure' }),
      idempotencyKey: 'optional',
      command: eraseSubjectName,
      response: Type.Object(
        { partnerId: PartnerId, subjectKey: SubjectKey },
        { title: 'ErasedSubject' },
      ),
      problems: ['partner-not-found'],
      examples: {
        body: [
          { summary: 'On request', value: { subject: 'customer:17', reason: 'asked for it' } },
        ],
      },
      handle: async (request) => {
        wholeTenant(request);
        const input = { ...request.params, ...request.body };
        return done(await eraseSubject(input, contextOf(request)));
      },
    }),
  ];
};
