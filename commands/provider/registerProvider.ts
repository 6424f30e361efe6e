/** Registers an account at somebody who carries messages. Its secrets are sealed and its settings checked before it comes here. */
import { Type } from '@sinclair/typebox';
import { ProviderRegistered, providerStream } from '../../domain/provider/events.js';
import {
  provider,
  type RegisteredProvider,
  registerProvider as decide,
} from '../../domain/provider/provider.js';
import { rejected } from '../../domain/rejected.js';
import { providerRecordOf } from '../carriers.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

/** Of one programme, disabled ones too: a route looks at twenty at most. */
export const providersMax = 100;

export const registerProvider = defineCommand({
  name: 'RegisterProvider',
  summary: 'Registers an account at somebody who carries messages.',
  input: Type.Object(ProviderRegistered.schema.properties, {
    additionalProperties: false,
    title: 'RegisterProvider',
  }),
  aggregate: provider,
  stream: (input, context) => providerStream(context.tenant, input.providerId),
  // A seal is another each time.
  fingerprinted: ({ sealedSecrets, ...rest }) => ({ ...rest, sealed: sealedSecrets !== undefined }),
  lookUp: (_input, { tenant }, { directory, state }) => {
    presentTenant(directory, tenant);
    if (state.status !== 'unknown') return;
    if ([...directory.carriers.providers(tenant)].length >= providersMax) {
      throw rejected('too-many-providers', { most: providersMax });
    }
  },
  decide: (input, state) => decide(input, state),
  answer: ({ state, context }) => providerRecordOf(context.tenant, state as RegisteredProvider),
});
