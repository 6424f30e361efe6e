/** Sets the tiers of a programme. Levels that customers have hold until they are judged again, at a purchase or a review. */
import { Type } from '@sinclair/typebox';
import {
  setTierScheme as decide,
  tiers,
  TierScheme,
  tiersStream,
} from '../../domain/tier/scheme.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const setTierScheme = defineCommand({
  name: 'SetTierScheme',
  summary: 'Sets what tiers are judged on, in which window, and which levels there are.',
  input: Type.Object(
    { scheme: TierScheme },
    { additionalProperties: false, title: 'SetTierScheme' },
  ),
  aggregate: tiers,
  stream: (_input, context) => tiersStream(context.tenant),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: (input, state) => decide(input, state),
  answer: ({ events, state, input }) => {
    const version = events[0]?.data.version ?? (state.status === 'set' ? state.version : 1);
    return { version, scheme: input.scheme };
  },
});
