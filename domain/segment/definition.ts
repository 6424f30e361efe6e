/**
 * How a segment says who belongs to it: a list that people keep, conditions on accounts, or an analysis over all of them.
 *
 * A segment's id has no underscore, so what an analysis calls its parts (`rfm_5_5_5`, `rfm_champions`) never meets another segment.
 */
import { Type, type Static } from '@sinclair/typebox';
import type { Branded } from '../ids.js';
import { AccountTree } from './conditionTree.js';
import { groupOf, Rfm } from './rfm.js';

export type SegmentId = Branded<string, 'SegmentId'>;
export const SegmentId = Type.Unsafe<SegmentId>(
  Type.String({
    pattern: '^[a-z][a-zA-Z0-9]{1,39}$',
    description: 'A set of customers',
    examples: ['bigSpenders'],
  }),
);

export const SegmentName = Type.String({ minLength: 1, maxLength: 200 });

const closed = { additionalProperties: false } as const;

export const StaticDefinition = Type.Object(
  { kind: Type.Literal('static') },
  { ...closed, title: 'StaticDefinition', description: 'Whoever is put on the list' },
);
export const DynamicDefinition = Type.Object(
  { kind: Type.Literal('dynamic'), when: AccountTree },
  { ...closed, title: 'DynamicDefinition', description: 'Open accounts that meet the conditions' },
);

export const SegmentDefinition = Type.Unsafe<SegmentDefinition>(
  Type.Union([StaticDefinition, DynamicDefinition, Rfm]),
);
export type SegmentDefinition =
  Static<typeof StaticDefinition> | Static<typeof DynamicDefinition> | Rfm;
export type SegmentKind = SegmentDefinition['kind'];

/** The names that campaigns know a member by: of the segment, and of an analysis also its cell and group. */
export const namesOf = (
  segmentId: SegmentId,
  definition: SegmentDefinition,
  cell: string | null,
): readonly string[] => {
  if (cell === null || definition.kind !== 'analytic') return [segmentId];
  const group = groupOf(cell, definition.groups);
  const names = [segmentId, `${segmentId}_${cell}`];
  return group === null ? names : [...names, `${segmentId}_${group}`];
};
