/** Records that all accounts were looked at; nothing where that changed nothing. */
import { Type } from '@sinclair/typebox';
import { recordRefresh as decide } from '../../domain/segment/decide.js';
import { SegmentId } from '../../domain/segment/definition.js';
import { segment, segmentStream } from '../../domain/segment/segment.js';
import { defineCommand } from '../command.js';

export const recordRefresh = defineCommand({
  name: 'RecordRefresh',
  summary: 'Records the refresh of a segment.',
  input: Type.Object(
    {
      segmentId: SegmentId,
      version: Type.Integer({ minimum: 1 }),
      asOf: Type.Integer({ minimum: 0 }),
    },
    { additionalProperties: false, title: 'RecordRefresh' },
  ),
  aggregate: segment,
  stream: (input, context) => segmentStream(context.tenant, input.segmentId),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ state }) => ({ members: state.status === 'unknown' ? 0 : state.members }),
});
