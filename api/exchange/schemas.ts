/**
 * The schema of a topic: versions that are proposed, tried, accepted, shown and retired. The same routes for the owner of the topic and
 * for operators, who differ in whose topics they reach.
 */
import { Type } from '@sinclair/typebox';
import type { Handler } from '../../commands/handle.js';
import { acceptableSchema } from '../../commands/schema/compile.js';
import { schemaPath } from '../../commands/schema/judge.js';
import { retireSchema } from '../../commands/schema/retireSchema.js';
import type { SchemaTrials } from '../../commands/schema/trials.js';
import { TopicId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { SchemaVersion, type TopicSchemas } from '../../domain/topic/schemas.js';
import { Reason } from '../admin/revocation.js';
import type { Access } from '../auth/access.js';
import { contextOf } from '../commandContext.js';
import { refused } from '../refused.js';
import { type ApiRequest, type Route, route } from '../route.js';
import {
  ListedSchema,
  listedSchema,
  Proposed,
  ShownSchema,
  shownTrial,
  Trial,
} from './schemaShapes.js';

export type AnyRequest = ApiRequest<unknown, unknown, unknown>;

export interface SchemaRoutes {
  readonly handler: Handler;
  readonly schemaTrials: SchemaTrials;
}

/** Who asks, and of which topics they may. */
export interface Side {
  /** `/exchange/v1` */
  readonly base: string;
  readonly tags: readonly [string, ...string[]];
  readonly readers: Access;
  readonly editors: Access;
  /** @throws Rejected topic-not-found */
  readonly maySee: (request: AnyRequest, topicId: TopicId) => void;
  /** @throws Rejected topic-not-found, not-topic-owner */
  readonly mayChange: (request: AnyRequest, topicId: TopicId) => void;
}

/** How long a request waits for a trial; what takes longer is asked for again. */
const patienceMs = 2_000;
const historyDefault = 10_000;
const ofTopic = { topicId: TopicId } as const;
const TrialId = Type.String({ maxLength: 40 });

const versionNamed = (schemas: TopicSchemas, version: number) => {
  const record = schemas[version - 1];
  if (!record) throw rejected('version-not-found', { version });
  return record;
};

export const schemaRoutes = (services: SchemaRoutes, side: Side): Route[] => {
  const { handler, schemaTrials } = services;
  const { tags, readers, editors, maySee, mayChange } = side;
  const path = `${side.base}/topics/{topicId}/schemas`;
  const trialPath = `${side.base}/topics/{topicId}/schema-trials`;
  const schemasOf = ({ caller }: AnyRequest, topicId: TopicId): TopicSchemas =>
    handler.directory.publishing.topic(caller.tenant, topicId)?.schemas ?? [];
  const trialNamed = (request: AnyRequest, topicId: TopicId, trialId: string) => {
    const trial = schemaTrials.get(request.caller.tenant, topicId, trialId);
    if (trial) return trial;
    throw refused('not-found', 'The server was started anew, or the trial is long over.');
  };
  return [
    route({
      method: 'GET',
      path,
      summary: 'Lists the versions of the schema of a topic',
      tags,
      access: readers,
      params: ofTopic,
      response: Type.Object({ items: Type.Array(ListedSchema) }, { title: 'TopicSchemas' }),
      problems: ['topic-not-found'],
      handle: (request) => {
        const { topicId } = request.params;
        maySee(request, topicId);
        return { body: { items: schemasOf(request, topicId).map(listedSchema) } };
      },
    }),
    route({
      method: 'GET',
      path: `${path}/{version}`,
      summary: 'Shows a version of the schema of a topic',
      tags,
      access: readers,
      params: { topicId: TopicId, version: SchemaVersion },
      response: ShownSchema,
      problems: ['topic-not-found', 'version-not-found'],
      handle: (request) => {
        const { topicId, version } = request.params;
        maySee(request, topicId);
        const record = versionNamed(schemasOf(request, topicId), version);
        const schema = JSON.parse(record.schema) as Record<string, unknown>;
        const dataschema = schemaPath(topicId, version);
        return { body: { ...listedSchema(record), dataschema, schema } };
      },
    }),
    route({
      method: 'POST',
      path,
      summary: 'Proposes the next version of the schema of a topic, or only tries it',
      description:
        'It is compared with the versions in use, as `compatibility` promises, and tried against what was published. What passes is ' +
        'accepted at once and judges from then on; what does not is told with versions, places and pointers. A trial that takes ' +
        'longer than two seconds is answered with 202 and its id.',
      tags,
      access: editors,
      params: ofTopic,
      body: Proposed,
      idempotencyKey: 'optional',
      command: 'ProposeTopicSchema',
      status: 201,
      response: Trial,
      problems: ['topic-not-found', 'not-topic-owner', 'topic-archived', 'job-running'],
      examples: {
        body: [
          {
            summary: 'The first version',
            value: {
              compatibility: 'backward',
              schema: {
                type: 'object',
                required: ['brand'],
                properties: { brand: { type: 'string', minLength: 1 }, price: { type: 'number' } },
              },
            },
          },
        ],
      },
      handle: async (request) => {
        const { topicId } = request.params;
        mayChange(request, topicId);
        const { compatibility, history = historyDefault, preview = false } = request.body;
        const schema = acceptableSchema(request.body.schema, '/schema');
        const last = history === 'all' ? Infinity : history;
        const proposal = { topicId, schema, compatibility, last, preview };
        const begun = schemaTrials.start(proposal, contextOf(request, undefined));
        if (!begun) throw refused('job-running', 'Wait for one of the trials to end.');
        const trial = (await schemaTrials.settled(begun.trialId, patienceMs)) ?? begun;
        const status = { running: 202, accepted: 201 }[trial.state as 'running' | 'accepted'];
        return { body: shownTrial(trial), status: status ?? 200 };
      },
    }),
    route({
      method: 'POST',
      path: `${path}/{version}/retirement`,
      summary: 'Takes a version of the schema of a topic out of use',
      description: 'Where no version is left in use, nothing is judged any more.',
      tags,
      access: editors,
      params: { topicId: TopicId, version: SchemaVersion },
      body: Reason,
      idempotencyKey: 'optional',
      command: retireSchema.name,
      response: Type.Object({ topicId: TopicId, version: SchemaVersion }),
      problems: ['topic-not-found', 'not-topic-owner', 'version-not-found'],
      handle: async (request) => {
        mayChange(request, request.params.topicId);
        const input = { ...request.params, ...request.body };
        const context = contextOf(request, undefined);
        const { answer, position } = await handler.handle(retireSchema, input, context);
        return { body: answer, position };
      },
    }),
    route({
      method: 'GET',
      path: trialPath,
      summary: 'Lists the trials of schemas that this server knows, the latest first',
      tags,
      access: editors,
      params: ofTopic,
      response: Type.Object({ items: Type.Array(Trial) }, { title: 'SchemaTrials' }),
      problems: ['topic-not-found', 'not-topic-owner'],
      handle: (request) => {
        const { topicId } = request.params;
        mayChange(request, topicId);
        const trials = schemaTrials.list(request.caller.tenant, topicId);
        return { body: { items: trials.map(shownTrial) } };
      },
    }),
    route({
      method: 'GET',
      path: `${trialPath}/{trialId}`,
      summary: 'Shows how far a trial of a schema is, or what came of it',
      tags,
      access: editors,
      params: { topicId: TopicId, trialId: TrialId },
      response: Trial,
      problems: ['topic-not-found', 'not-topic-owner'],
      handle: (request) => {
        const { topicId, trialId } = request.params;
        mayChange(request, topicId);
        return { body: shownTrial(trialNamed(request, topicId, trialId)) };
      },
    }),
    route({
      method: 'POST',
      path: `${trialPath}/{trialId}/cancellation`,
      summary: 'Cancels a trial of a schema; one that has ended stays as it is',
      tags,
      access: editors,
      params: { topicId: TopicId, trialId: TrialId },
      command: 'CancelSchemaTrial',
      response: Trial,
      problems: ['topic-not-found', 'not-topic-owner'],
      handle: async (request) => {
        const { topicId, trialId } = request.params;
        mayChange(request, topicId);
        schemaTrials.cancel(trialNamed(request, topicId, trialId).trialId);
        await schemaTrials.settled(trialId, patienceMs);
        return { body: shownTrial(trialNamed(request, topicId, trialId)) };
      },
    }),
  ];
};
