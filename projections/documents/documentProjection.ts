/**
 * What a projection into documents is: the counterpart of projection.ts for MongoDB. `project` is pure and sees a batch of facts in log
 * order; everything a document holds follows from the facts alone.
 *
 * MongoDB has no transaction over a batch and its checkpoint, so each document carries the position of the fact that it stands for and
 * takes the place of an older one only; the checkpoint follows. A batch that is written again changes nothing.
 *
 * Most documents stand for one fact each. A document that stands for a history goes on from what it was: those that a batch is about are
 * read, changed in log order and replaced; what a document holds already, by its position, is left out.
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

interface DocumentModel {
  /** Of the read model; its collection is the name and the version. */
  readonly name: string;
  /** Raised with any change of what documents hold: the new version is filled beside the old one, then answers. */
  readonly version: number;
  /** What it answers, one sentence. */
  readonly question: string;
  readonly eventTypes: readonly string[];
  /** Of these the first that wakes the store; unless told any of them. */
  readonly triggers?: readonly string[];
  readonly indexes: readonly DocumentIndex[];
  /** The field with a document's time. */
  readonly timeField: string;
  /** What a store in memory keeps of it: beyond that the oldest go, and searches say from when on they know. */
  readonly inMemoryMax: number;
}

/** Each document is made of one fact. */
export interface FactDocuments extends DocumentModel {
  /** How many documents are made of a fact; 1 unless told. */
  readonly countOf?: (fact: Fact) => number;
  readonly project: (facts: readonly Fact[]) => readonly StoredDocument[];
}

/** The frame adds the position. */
export type DocumentFields = Omit<StoredDocument, 'position'>;

/** What a fact does to one document. */
export interface DocumentChange {
  readonly id: string;
  /** Given and answered undefined where there is none. */
  readonly apply: (earlier: DocumentFields | undefined) => DocumentFields | undefined;
}

/** What a fact does to every document of which something holds, and no longer does afterwards. */
export interface Sweep {
  readonly filter: Readonly<Record<string, unknown>>;
  readonly apply: (earlier: DocumentFields) => DocumentFields;
}

/** Each document is made of a history of facts. */
export interface HistoryDocuments extends DocumentModel {
  /** In order; several may be about one document. */
  readonly changesOf: (fact: Fact) => readonly DocumentChange[];
  readonly sweepOf?: (fact: Fact) => Sweep | null;
}

export type DocumentProjection = FactDocuments | HistoryDocuments;

export const collectionOf = ({
  name,
  version,
}: Pick<DocumentProjection, 'name' | 'version'>): string => `${name}_v${version}`;
