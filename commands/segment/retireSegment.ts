/** Ends a segment: nobody belongs to it any more, campaigns that ask for it find nobody. */
import { Type } from '@sinclair/typebox';
import { retireSegment as decide } from '../../domain/segment/decide.js';
import { SegmentId } from '../../domain/segment/definition.js';
import { segment, segmentStream } from '../../domain/segment/segment.js';
import { defineCommand } from '../command.js';

export const retireSegment = defineCommand({
  name: 'RetireSegment',
  summary: 'Retires a segment; its id is not used again.',
  input: Type.Object(
    { segmentId: SegmentId, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'RetireSegment' },
  ),
  aggregate: segment,
  stream: (input, context) => segmentStream(context.tenant, input.segmentId),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => ({ segmentId: input.segmentId }),
});
