/**
 * /admin/v1/topics: the channels of the partners, who may see them, and who could at any time before: "who could see what was published
 * then, at that moment" is answered from the grants as they were made.
 */
import { Type } from '@sinclair/typebox';
import { presentTopic } from '../../commands/partner/present.js';
import { archiveTopic } from '../../commands/topic/archiveTopic.js';
import { createTopic } from '../../commands/topic/createTopic.js';
import { describeTopic } from '../../commands/topic/describeTopic.js';
import { grantAccess } from '../../commands/topic/grantAccess.js';
import { revokeAccess } from '../../commands/topic/revokeAccess.js';
import { PartnerId, TopicId } from '../../domain/ids.js';
import { couldSee, History } from '../../domain/topic/access.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { contextOf, created, done, type Registry, wholeTenant } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { stepRoute } from './stepRoute.js';

const Topic = Type.Composite(
  [
    createTopic.input,
    Type.Object({
      status: Type.Union([Type.Literal('active'), Type.Literal('archived')]),
      createdAt: Type.String({ format: 'date-time' }),
    }),
  ],
  { title: 'Topic' },
);
const Time = Type.String({ format: 'date-time' });
const Grant = Type.Object(
  {
    partnerId: PartnerId,
    history: History,
    since: Time,
    until: Type.Union([Time, Type.Null()], { description: 'null: it holds' }),
  },
  { title: 'TopicGrant' },
);
const tags = ['Topics'] as const;
const ofTopic = { topicId: TopicId } as const;
const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

export const topicRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/topics',
    summary: 'Lists the topics of all partners.',
    tags,
    access: readersOnly,
    query: pageQuery,
    response: pageOf(Topic),
    handle: (request) => {
      const records = handler.directory.exchange.topics(wholeTenant(request).tenant);
      const body = page(
        records,
        ({ topicId }) => topicId,
        request.query,
        (record) => ({ ...record, createdAt: iso(record.createdAt) }),
      );
      return { body };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/topics',
    summary: 'Creates a topic of a partner.',
    tags,
    access: editorsOnly,
    body: createTopic.input,
    idempotencyKey: 'optional',
    command: createTopic.name,
    response: createTopic.input,
    status: 201,
    problems: ['partner-not-found', 'revoked', 'already-registered'],
    examples: {
      body: [
        {
          summary: 'What customers of a dealer look at',
          value: {
            topicId: 'cars_chosen',
            owner: 'motor_house',
            name: 'Cars chosen',
            description: 'A customer chose a car on our site.',
            classification: 'personal',
          },
        },
      ],
    },
    handle: async (request) => {
      wholeTenant(request);
      return created(await handler.handle(createTopic, request.body, contextOf(request)));
    },
  }),
  route({
    method: 'PUT',
    path: '/admin/v1/topics/{topicId}/description',
    summary: 'Changes the name, the description or the classification of a topic.',
    tags,
    access: editorsOnly,
    params: ofTopic,
    body: Type.Omit(describeTopic.input, ['topicId'], { title: 'TopicDescription' }),
    idempotencyKey: 'optional',
    command: describeTopic.name,
    response: describeTopic.input,
    problems: ['topic-not-found', 'topic-archived'],
    handle: async (request) => {
      wholeTenant(request);
      const input = { ...request.params, ...request.body };
      return done(await handler.handle(describeTopic, input, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/topics/{topicId}/archival',
    summary: 'Ends a topic for ever; what was published on it stays.',
    tags,
    access: editorsOnly,
    params: ofTopic,
    response: Type.Object(ofTopic),
    problems: ['topic-not-found'],
    command: archiveTopic,
  }),
  route({
    method: 'GET',
    path: '/admin/v1/topics/{topicId}/grants',
    summary: 'Who may see a topic, and who might before: the latest first.',
    tags,
    access: readersOnly,
    params: ofTopic,
    query: { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })) },
    response: Type.Object({ items: Type.Array(Grant) }),
    problems: ['topic-not-found'],
    handle: (request) => {
      const { tenant } = wholeTenant(request);
      const { topicId } = presentTopic(handler.directory, tenant, request.params.topicId);
      const { grants } = handler.directory.exchange.access(tenant, topicId);
      const latest = [...grants].reverse().slice(0, request.query.limit ?? 100);
      const items = latest.map((grant) => ({
        ...grant,
        since: iso(grant.since),
        until: grant.until === null ? null : iso(grant.until),
      }));
      return { body: { items } };
    },
  }),
  route({
    method: 'PUT',
    path: '/admin/v1/topics/{topicId}/grants/{partnerId}',
    summary: 'Lets a partner see a topic, or changes whether its history is open to it.',
    tags,
    access: editorsOnly,
    params: { topicId: TopicId, partnerId: PartnerId },
    body: Type.Omit(grantAccess.input, ['topicId', 'partnerId'], { title: 'TopicGrantBody' }),
    idempotencyKey: 'optional',
    command: grantAccess.name,
    response: grantAccess.input,
    problems: [
      'topic-not-found',
      'partner-not-found',
      'revoked',
      'grant-to-owner',
      'too-many-grants',
    ],
    examples: { body: [{ summary: 'With what was published before', value: { history: 'all' } }] },
    handle: async (request) => {
      wholeTenant(request);
      const input = { ...request.params, ...request.body };
      return done(await handler.handle(grantAccess, input, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/topics/{topicId}/grants/{partnerId}/revocation',
    summary: "Ends a partner's sight of a topic at once.",
    tags,
    access: editorsOnly,
    params: { topicId: TopicId, partnerId: PartnerId },
    response: Type.Object({ topicId: TopicId, partnerId: PartnerId }),
    problems: ['topic-not-found'],
    command: revokeAccess,
  }),
  route({
    method: 'GET',
    path: '/admin/v1/topics/{topicId}/visibility',
    summary: 'Who could see at a time what was published at a time.',
    description: 'The owner always can; the others by the grants as they stood at `at`.',
    tags,
    access: readersOnly,
    params: ofTopic,
    query: {
      publishedAt: Type.Optional(
        Type.String({ format: 'date-time', description: 'When it was published; now unless told' }),
      ),
      at: Type.Optional(
        Type.String({
          format: 'date-time',
          description: 'The moment asked about; now unless told',
        }),
      ),
    },
    response: Type.Object({ owner: PartnerId, partners: Type.Array(PartnerId) }),
    problems: ['topic-not-found'],
    handle: (request) => {
      const { tenant } = wholeTenant(request);
      const { query, params, now } = request;
      const { owner, topicId } = presentTopic(handler.directory, tenant, params.topicId);
      const timeOf = (text: string | undefined) => (text === undefined ? now : Date.parse(text));
      const at = timeOf(query.at);
      const publishedAt = timeOf(query.publishedAt);
      const access = handler.directory.exchange.access(tenant, topicId);
      const partners = couldSee(access, publishedAt, at);
      return { body: { owner, partners } };
    },
  }),
];
