/**
 * Sets the points rule of a tenant. Receipts already decided keep theirs; the new version holds from here on.
 */
import { Type } from '@sinclair/typebox';
import {
  programme,
  programmeStream,
  setProgrammeRule as decide,
} from '../../domain/programme/programme.js';
import { ProgrammeRule } from '../../domain/programme/rule.js';
import { defineCommand } from '../command.js';
import { presentTenant } from './present.js';

export const setProgrammeRule = defineCommand({
  name: 'SetProgrammeRule',
  summary: 'Sets how points are earned, how long they live and what a return takes back.',
  input: Type.Object(
    { rule: ProgrammeRule },
    { additionalProperties: false, title: 'SetProgrammeRule' },
  ),
  aggregate: programme,
  stream: (_input, context) => programmeStream(context.tenant),
  lookUp: (_input, context, { directory }) => presentTenant(directory, context.tenant),
  decide: ({ rule }, state, { currency }) => decide({ rule, currency }, state),
  answer: ({ events, state, input }) => {
    const [set] = events;
    const version = set?.data.version ?? (state.status === 'set' ? state.version : 1);
    return { version, rule: set?.data.rule ?? input.rule };
  },
});
