/** Gives a segment another name or another definition of its kind; its members stay until the next refresh. */
import { Type } from '@sinclair/typebox';
import { redefineSegment as decide } from '../../domain/segment/decide.js';
import { SegmentId, SegmentName } from '../../domain/segment/definition.js';
import { segment, segmentStream } from '../../domain/segment/segment.js';
import { defineCommand } from '../command.js';
import { assertDefinition, definitionInput } from './definition.js';

export const redefineSegment = defineCommand({
  name: 'RedefineSegment',
  summary: 'Redefines a segment as a new version.',
  input: Type.Object(
    { segmentId: SegmentId, name: SegmentName, definition: definitionInput },
    { additionalProperties: false, title: 'RedefineSegment' },
  ),
  aggregate: segment,
  stream: (input, context) => segmentStream(context.tenant, input.segmentId),
  lookUp: (input) => assertDefinition(input.definition),
  decide: (input, state) => decide(input, state),
  answer: ({ events, input, state }) => {
    const [event] = events;
    const known = state.status === 'unknown' ? 1 : state.version;
    const version = event?.type === 'SegmentRedefined' ? event.data.version : known;
    return { segmentId: input.segmentId, version };
  },
});
