/**
 * What a projection into documents is: the counterpart of projection.ts for MongoDB. `project` is pure and sees a batch of facts in log
 * order; everything a document holds follows from the facts alone.
 *
 * MongoDB has no transaction over a batch and its checkpoint, so each document carries the position of the fact that it stands for and
 * takes the place of an older one only; the checkpoint follows. A batch that is written again changes nothing.
 */
import type { Fact, Position } from '../../domain/fact.js';

export interface StoredDocument {
  readonly _id: string;
  /** Of the last fact that it holds. */
  readonly position: Position;
  readonly [field: string]: unknown;
}

export interface DocumentIndex {
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  /** A server that cannot keep it answers without: more slowly. */
  readonly optional?: true;
}

export interface DocumentProjection {
  /** Of the read model; its collection is the name and the version. */
  readonly name: string;
  /** Raised with any change of what documents hold: the new version is filled beside the old one, then answers. */
  readonly version: number;
  /** What it answers, one sentence. */
  readonly question: string;
  readonly eventTypes: readonly string[];
  readonly indexes: readonly DocumentIndex[];
  readonly project: (facts: readonly Fact[]) => readonly StoredDocument[];
  /** The field with a document's time. */
  readonly timeField: string;
  /** What a store in memory keeps of it: beyond that the oldest go, and searches say from when on they know. */
  readonly inMemoryMax: number;
}

export const collectionOf = ({
  name,
  version,
}: Pick<DocumentProjection, 'name' | 'version'>): string => `${name}_v${version}`;
