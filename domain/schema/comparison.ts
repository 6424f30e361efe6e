/** One comparison of two schemas under way: what its parts (objects.ts, arrays.ts) ask of the whole (inclusion.ts). */
import type { SchemaFault } from './check.js';
import type { Holding } from './facts.js';
import type { Schema, SchemaDocument } from './schema.js';

/** A schema of the wider document and where it is. */
export interface Placed {
  readonly schema: Schema;
  readonly pointer: string;
}

export interface Comparison {
  readonly narrower: SchemaDocument;
  readonly wider: SchemaDocument;
  /** Empty: whatever `narrow` takes is taken. */
  readonly faults: (narrow: Holding, wide: Placed) => readonly SchemaFault[];
  /** Counts a step against what the whole comparison may take. */
  readonly spend: () => void;
  /** The other way round: whether a schema of the wider is within one of the narrower. */
  readonly reversed: () => Comparison;
}
