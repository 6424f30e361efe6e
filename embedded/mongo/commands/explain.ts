/** How a query was answered: by which index, and how much was looked at. */
import type { Document } from 'bson';
import { MongoFault } from '../errors.js';
import type { Selected } from '../query/select.js';
import { isRecord } from '../store/paths.js';
import { pipelineOf, selectForPipeline } from './aggregate.js';
import type { Call, Command } from './command.js';
import { selectFor } from './reading.js';

const isEmpty = (value: unknown): boolean => !isRecord(value) || Object.keys(value).length === 0;

const winningPlan = (selected: Selected, sort: unknown): Document => {
  const { plan, byText } = selected;
  const index = plan.index?.spec;
  const scan: Document = byText
    ? { stage: 'TEXT_MATCH' }
    : index
      ? {
          stage: 'FETCH',
          inputStage: {
            stage: 'IXSCAN',
            indexName: index.name,
            keyPattern: index.key,
            isMultiKey: plan.index?.multikey ?? false,
            direction: plan.backwards ? 'backward' : 'forward',
          },
        }
      : { stage: 'COLLSCAN', direction: 'forward' };
  const isSorted = plan.sorted || isEmpty(sort);
  return isSorted ? scan : { stage: 'SORT', sortPattern: sort, inputStage: scan };
};

const explained = (namespace: string, selected: Selected, sort: unknown, milliseconds: number) => ({
  explainVersion: '1',
  queryPlanner: { namespace, winningPlan: winningPlan(selected, sort), rejectedPlans: [] },
  executionStats: {
    executionSuccess: true,
    nReturned: selected.found.length,
    executionTimeMillis: Math.round(milliseconds),
    totalKeysExamined: selected.keysExamined,
    totalDocsExamined: selected.documentsExamined,
  },
});

const explain = (call: Call, inner: Document): Document => {
  const started = performance.now();
  const within = { ...call, body: inner };
  const of = (name: unknown) => `${call.database}.${String(name)}`;
  if ('find' in inner) {
    const selected = selectFor(within);
    return explained(of(inner['find']), selected, inner['sort'], performance.now() - started);
  }
  if ('aggregate' in inner) {
    const pipeline = pipelineOf(inner);
    const { selected } = selectForPipeline(within, pipeline);
    if (!selected)
      throw new MongoFault('NamespaceNotFound', `ns does not exist: ${of(inner['aggregate'])}`);
    return explained(of(inner['aggregate']), selected, null, performance.now() - started);
  }
  throw new MongoFault('CommandNotSupported', 'explain is for find and aggregate here');
};

export const explainCommand: Command = {
  name: 'explain',
  fields: ['verbosity'],
  run: (call) => {
    const inner: unknown = call.body['explain'];
    if (!isRecord(inner)) throw new MongoFault('TypeMismatch', "'explain' must be an object");
    return explain(call, inner);
  },
};

/** `aggregate` with `explain: true`. */
export const explainAggregate = (call: Call): Document => explain(call, call.body);
