/**
 * What a projection is: a question that the log answers, the tables that hold the answer, and how facts become rows.
 *
 * `project` is pure and sees a batch of facts in log order; it has no state, so what it cannot know (the lot a return takes back
 * from) it leaves open and `write` looks up inside the batch's transaction. `write` is set-based: a statement per table, not per
 * row. Everything a table holds follows from the facts alone, never from the clock or from how they were cut into batches:
 * that is what makes a replay equal to the live tables, row by row (see verify.ts).
 */
import type pg from 'pg';
import type { Fact } from '../domain/fact.js';

/** A connection inside the batch's transaction. */
export type Db = Pick<pg.ClientBase, 'query'>;

/** Rows of one batch, on their way into whichever schema. */
export type Write = (db: Db, schema: string) => Promise<void>;

export interface ProjectionDefinition<Changes> {
  /** Of the read model: balances, purchases … Lower case; part of its schema's name. */
  readonly name: string;
  /** Raised with any change of tables or of their content: the new version is filled beside the old one, then takes its place. */
  readonly version: number;
  /** What it answers, one sentence. */
  readonly question: string;
  readonly eventTypes: readonly string[];
  /** DDL of the tables and what `write` needs to find its rows; `{schema}` stands for the schema. */
  readonly tables: string;
  /** DDL of the indexes that only queries need: made after a rebuild has filled the tables, which is faster. */
  readonly indexes: string;
  /** Views of schema `read` by name: the query behind each; `{schema}` stands for the schema of the live version. */
  readonly views: Readonly<Record<string, string>>;
  readonly project: (facts: readonly Fact[]) => Changes;
  /** Encodes what it can at once: this is done while the batch before is being written. */
  readonly write: (changes: Changes) => Write;
}

/** A projection whose `Changes` are its own affair. */
export interface Projection extends Omit<
  ProjectionDefinition<never>,
  'project' | 'write' | 'eventTypes'
> {
  readonly eventTypes: ReadonlySet<string>;
  /** Facts of its event types only, in log order; not empty. */
  readonly prepare: (facts: readonly Fact[]) => Write;
}

export const defineProjection = <Changes>({
  project,
  write,
  eventTypes,
  ...rest
}: ProjectionDefinition<Changes>): Projection => ({
  ...rest,
  eventTypes: new Set(eventTypes),
  prepare: (facts) => write(project(facts)),
});

/** Every event type that one of them wants, sorted. */
export const eventTypesOf = (projections: readonly Projection[]): string[] =>
  [...new Set(projections.flatMap(({ eventTypes }) => [...eventTypes]))].sort();
