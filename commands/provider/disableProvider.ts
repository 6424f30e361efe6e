/** Sends nothing by this provider until it is enabled; what was sent is still reported. */
import { Type } from '@sinclair/typebox';
import { ProviderId } from '../../domain/ids.js';
import { providerStream } from '../../domain/provider/events.js';
import { disableProvider as decide, provider } from '../../domain/provider/provider.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const disableProvider = defineCommand({
  name: 'DisableProvider',
  summary: 'Sends nothing by this provider until it is enabled.',
  input: Type.Object(
    { providerId: ProviderId, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'DisableProvider' },
  ),
  aggregate: provider,
  stream: (input, context) => providerStream(context.tenant, input.providerId),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: ({ reason }, state) => decide({ reason }, state),
  answer: ({ input: { providerId } }) => ({ providerId }),
});
