/** Defines a segment. It is empty until somebody is put on its list, or until its first refresh. */
import { Type } from '@sinclair/typebox';
import { defineSegment as decide } from '../../domain/segment/decide.js';
import { SegmentId, SegmentName } from '../../domain/segment/definition.js';
import { segment, segmentStream } from '../../domain/segment/segment.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';
import { assertDefinition, definitionInput } from './definition.js';

export const defineSegment = defineCommand({
  name: 'DefineSegment',
  summary: 'Defines a segment of customers.',
  input: Type.Object(
    { segmentId: SegmentId, name: SegmentName, definition: definitionInput },
    { additionalProperties: false, title: 'DefineSegment' },
  ),
  aggregate: segment,
  stream: (input, context) => segmentStream(context.tenant, input.segmentId),
  lookUp: (input, context, { directory }) => {
    assertDefinition(input.definition);
    presentTenant(directory, context.tenant);
  },
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => ({ segmentId: input.segmentId, version: 1 }),
});
