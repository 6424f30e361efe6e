/** Aggregation: a leading `$match` by the indexes, the rest of the pipeline by mingo over copies. */
import type { Document } from 'bson';
import { Aggregator } from 'mingo/aggregator';
import { asFault, MongoFault } from '../errors.js';
import { copied } from '../query/change.js';
import { language, stageNames } from '../query/language.js';
import { type Selected, select } from '../query/select.js';
import { isRecord } from '../store/paths.js';
import { type Call, type Command, countOf } from './command.js';

/** Stages in a pipeline, and in those within it. */
const stagesMax = 1_000;

const stageName = (stage: unknown): string => {
  const names = isRecord(stage) ? Object.keys(stage) : [];
  if (names.length === 1) return names[0] as string;
  throw new MongoFault(
    'FailedToParse',
    'A pipeline stage specification object must contain exactly one field.',
  );
};

const checkStages = (pipeline: unknown): Document[] => {
  if (!Array.isArray(pipeline)) {
    throw new MongoFault('TypeMismatch', "'pipeline' option must be specified as an array");
  }
  if (pipeline.length > stagesMax) {
    throw new MongoFault(
      'FailedToParse',
      `Pipeline length must be no longer than ${stagesMax} stages`,
    );
  }
  for (const stage of pipeline) {
    const name = stageName(stage);
    if (name === '$out' || name === '$merge') {
      throw new MongoFault(
        'CommandNotSupported',
        `${name} writes what no event recorded: not kept here`,
      );
    }
    if (!stageNames.has(name)) {
      throw new MongoFault('InvalidPipelineStage', `Unrecognized pipeline stage name: '${name}'`);
    }
  }
  return pipeline as Document[];
};

/** Of the first stages those that the indexes answer: a filter, and an order right after it. */
const leading = (pipeline: readonly Document[]) => {
  const filter = pipeline[0]?.['$match'] as unknown;
  const at = filter === undefined ? 0 : 1;
  const sort = pipeline[at]?.['$sort'] as unknown;
  return { filter, sort, rest: pipeline.slice(at + (sort === undefined ? 0 : 1)) };
};

const isBelowDatabase = (body: Document): boolean => Number(body['aggregate']) === 1;

export const selectForPipeline = (
  { service, database, body }: Call,
  pipeline: readonly Document[],
): { selected: Selected | null; rest: readonly Document[] } => {
  const { filter, sort, rest } = leading(pipeline);
  const name = String(body['aggregate']);
  const collection = isBelowDatabase(body) ? null : service.catalogue.find(database, name);
  const limit = Number(rest[0]?.['$limit'] ?? 0);
  const selected = collection
    ? select(collection, {
        filter: filter ?? {},
        sort,
        hint: body['hint'],
        limit: limit > 0 ? limit : 0,
        maxTimeMS: countOf(body, 'maxTimeMS', 0),
      })
    : null;
  return { selected, rest };
};

const aggregated = (call: Call, pipeline: readonly Document[]): Document[] => {
  const { selected, rest } = selectForPipeline(call, pipeline);
  const documents = (selected?.found ?? []).map(({ stored }) => stored.document);
  if (rest.length === 0) return documents;
  const { service, database } = call;
  try {
    const aggregator = new Aggregator([...rest], {
      ...language,
      collectionResolver: (name) =>
        [...(service.catalogue.find(database, name)?.all() ?? [])].map(({ document }) =>
          copied(document),
        ),
    });
    return aggregator.run<Document>(documents.map(copied));
  } catch (error) {
    throw asFault(error);
  }
};

export const pipelineOf = (body: Document): Document[] => checkStages(body['pipeline']);

export const aggregate: Command = {
  name: 'aggregate',
  fields: [
    'pipeline',
    'cursor',
    'explain',
    'hint',
    'allowDiskUse',
    'collation',
    'bypassDocumentValidation',
  ],
  run: (call) => {
    const { body, database, service } = call;
    const pipeline = pipelineOf(body);
    if (!isRecord(body['cursor'])) {
      throw new MongoFault(
        'FailedToParse',
        "The 'cursor' option is required, except for aggregate with the explain argument",
      );
    }
    const { cursor } = body;
    const batchSize = cursor['batchSize'] === undefined ? null : countOf(cursor, 'batchSize', 0);
    const ns = `${database}.${isBelowDatabase(body) ? '$cmd.aggregate' : String(body['aggregate'])}`;
    const batch = service.cursors.start(ns, aggregated(call, pipeline), batchSize);
    return { cursor: { firstBatch: batch.documents, id: batch.id, ns } };
  },
};
