/**
 * The query language: mingo's operators with comparisons and sorting by BSON's own order, without those that run code that
 * was sent.
 */
import type { Document } from 'bson';
import { Context } from 'mingo';
import { Lazy } from 'mingo/lazy';
import * as accumulators from 'mingo/operators/accumulator';
import * as expressions from 'mingo/operators/expression';
import * as stages from 'mingo/operators/pipeline';
import * as projections from 'mingo/operators/projection';
import * as queries from 'mingo/operators/query';
import * as windows from 'mingo/operators/window';
import type { Options } from 'mingo/types';
import { comparisons } from './comparisons.js';
import { byOrder } from './sort.js';

const overridden = {
  ...(comparisons as Record<string, unknown>),
} as unknown as typeof queries;

const sortStage: typeof stages.$sort = (documents, spec) =>
  documents.transform((all) => Lazy([...(all as Document[])].sort(byOrder(spec))));

const { $out: _out, $merge: _merge, ...readingStages } = stages;

export const stageNames: ReadonlySet<string> = new Set(Object.keys(readingStages));

const context = Context.init({
  accumulator: accumulators,
  expression: expressions,
  pipeline: { ...readingStages, $sort: sortStage } as never,
  projection: projections,
  query: { ...queries, ...overridden },
  window: windows,
});

/** To be given to everything of mingo's. */
export const language: Partial<Options> & { readonly context: Context } = {
  context,
  scriptEnabled: false,
};
