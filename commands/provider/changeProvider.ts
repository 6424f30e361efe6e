/** Changes what is named of a provider; null takes away. Whatever its breaker knew is forgotten: what was wrong may be what was changed. */
import { Type } from '@sinclair/typebox';
import { ProviderId } from '../../domain/ids.js';
import { ProviderChanged, providerStream } from '../../domain/provider/events.js';
import {
  changeProvider as decide,
  provider,
  type RegisteredProvider,
} from '../../domain/provider/provider.js';
import { providerRecordOf } from '../carriers.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const changeProvider = defineCommand({
  name: 'ChangeProvider',
  summary: 'Changes what is named of a provider; null takes away.',
  input: Type.Object(
    { providerId: ProviderId, ...ProviderChanged.schema.properties },
    { additionalProperties: false, title: 'ChangeProvider' },
  ),
  aggregate: provider,
  stream: (input, context) => providerStream(context.tenant, input.providerId),
  fingerprinted: ({ sealedSecrets, ...rest }) => ({ ...rest, sealed: sealedSecrets !== undefined }),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: ({ providerId: _id, ...changes }, state) => decide(changes, state),
  answer: ({ state, context }) => providerRecordOf(context.tenant, state as RegisteredProvider),
});
