/**
 * What the dispatcher noticed of a provider's health, recorded so that a restart and the console know it. It may come late: an operator
 * may have disabled or changed the provider meanwhile, and the decision (domain/provider) takes that into account.
 */
import { Type } from '@sinclair/typebox';
import { ProviderId } from '../../domain/ids.js';
import {
  ProviderBreakerOpened,
  providerStream,
  ProviderWeightShifted,
} from '../../domain/provider/events.js';
import {
  closeBreaker,
  openBreaker,
  provider,
  shiftWeight,
} from '../../domain/provider/provider.js';
import { defineCommand } from '../command.js';

const closed = { additionalProperties: false } as const;

export const openProviderBreaker = defineCommand({
  name: 'OpenProviderBreaker',
  summary: 'Sends nothing by a provider for a while.',
  input: Type.Object(
    { providerId: ProviderId, ...ProviderBreakerOpened.schema.properties },
    { ...closed, title: 'OpenProviderBreaker' },
  ),
  aggregate: provider,
  stream: (input, context) => providerStream(context.tenant, input.providerId),
  lookUp: () => undefined,
  decide: ({ providerId: _id, ...opening }, state) => openBreaker(opening, state),
  answer: ({ input: { providerId } }) => ({ providerId }),
});

export const closeProviderBreaker = defineCommand({
  name: 'CloseProviderBreaker',
  summary: 'Sends by a provider again.',
  input: Type.Object({ providerId: ProviderId }, { ...closed, title: 'CloseProviderBreaker' }),
  aggregate: provider,
  stream: (input, context) => providerStream(context.tenant, input.providerId),
  lookUp: () => undefined,
  decide: (_input, state) => closeBreaker(state),
  answer: ({ input: { providerId } }) => ({ providerId }),
});

export const shiftProviderWeight = defineCommand({
  name: 'ShiftProviderWeight',
  summary: 'Takes points of its weight from a provider, or gives them back.',
  input: Type.Object(
    { providerId: ProviderId, ...ProviderWeightShifted.schema.properties },
    { ...closed, title: 'ShiftProviderWeight' },
  ),
  aggregate: provider,
  stream: (input, context) => providerStream(context.tenant, input.providerId),
  lookUp: () => undefined,
  decide: ({ providerId: _id, ...shift }, state) => shiftWeight(shift, state),
  answer: ({ input: { providerId } }) => ({ providerId }),
});
