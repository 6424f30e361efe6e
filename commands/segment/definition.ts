/**
 * Definitions of segments on their way into a command: a schema that tells their kinds apart, and the check that names every fault by
 * its place.
 */
import { Type } from '@sinclair/typebox';
import { accountConditionKinds } from '../../domain/segment/conditions.js';
import { type SegmentDefinition, StaticDefinition } from '../../domain/segment/definition.js';
import { definitionFaults } from '../../domain/segment/faults.js';
import { Rfm } from '../../domain/segment/rfm.js';
import { faultsIn, InvalidInput } from '../validation.js';

const Nested = Type.Object({}, { description: 'A condition, as here' });
const several = { minItems: 1, maxItems: 50 } as const;
const closed = { additionalProperties: false } as const;

/** What `when` may be, one level of it: the levels below are the same, which a schema without references cannot say. */
export const conditionShown = Type.Union([
  ...accountConditionKinds.map(({ schema }) => schema),
  Type.Object({ and: Type.Array(Nested, several) }, closed),
  Type.Object({ or: Type.Array(Nested, several) }, closed),
  Type.Object({ not: Nested }, closed),
]);

/** For documents. What it lets through is looked at by `assertDefinition`. */
export const definitionShown = Type.Union([
  StaticDefinition,
  Type.Object(
    { kind: Type.Literal('dynamic'), when: conditionShown },
    {
      ...closed,
      title: 'DynamicDefinition',
      description: 'Open accounts that meet the conditions',
    },
  ),
  Rfm,
]);

/** In a command: any object, whose faults are told better by `assertDefinition`. */
export const definitionInput = Type.Unsafe<SegmentDefinition>(
  Type.Object({}, { additionalProperties: true }),
);

/** @throws InvalidInput with the faults by place, at most 50 */
export const assertDefinition = (definition: unknown): void => {
  const faults = definitionFaults(definition, faultsIn).slice(0, 50);
  if (faults.length === 0) return;
  throw new InvalidInput(
    faults.map(({ pointer, reason }) => ({ pointer: `/definition${pointer}`, reason })),
  );
};
