/** Sends by this provider again, also where its breaker is open: whoever enables it says that it is well. */
import { Type } from '@sinclair/typebox';
import { ProviderId } from '../../domain/ids.js';
import { providerStream } from '../../domain/provider/events.js';
import { enableProvider as decide, provider } from '../../domain/provider/provider.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const enableProvider = defineCommand({
  name: 'EnableProvider',
  summary: 'Sends by this provider again, and closes its breaker.',
  input: Type.Object(
    { providerId: ProviderId },
    { additionalProperties: false, title: 'EnableProvider' },
  ),
  aggregate: provider,
  stream: (input, context) => providerStream(context.tenant, input.providerId),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: (_input, state) => decide(state),
  answer: ({ input: { providerId } }) => ({ providerId }),
});
