/** What an operator does with providers that takes more than a decision: the kind's judgement of settings and secrets, and the seal. */
import type { ProviderId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import type { ProviderRecord } from '../carriers.js';
import type { CommandContext } from '../command.js';
import type { Handled, Handler } from '../handle.js';
import { assertValid } from '../validation.js';
import { changeProvider } from './changeProvider.js';
import type { ProviderKinds } from './kinds.js';
import {
  assertFits,
  assertStays,
  concurrencyDefault,
  kindFor,
  ProviderChange,
  ProviderOrder,
} from './order.js';
import { registerProvider } from './registerProvider.js';
import type { ProviderSecrets } from './secrets.js';

export interface Registering {
  /** @throws InvalidInput, Rejected provider-kind-unknown, provider-cannot-carry, already-registered, too-many-providers */
  register(order: ProviderOrder, context: CommandContext): Promise<Handled<ProviderRecord>>;
  /** Secrets take the place of all that were given before. @throws InvalidInput, Rejected provider-not-found */
  change(
    id: ProviderId,
    change: ProviderChange,
    context: CommandContext,
  ): Promise<Handled<ProviderRecord>>;
}

export const createRegistering = (options: {
  readonly handler: Handler;
  readonly kinds: ProviderKinds;
  readonly secrets: ProviderSecrets;
}): Registering => {
  const { handler, kinds } = options;

  const sealed = async (
    tenant: CommandContext['tenant'],
    id: ProviderId,
    secrets: ProviderOrder['secrets'],
  ): Promise<{ readonly sealedSecrets?: string }> =>
    secrets === undefined ? {} : { sealedSecrets: await options.secrets.seal(tenant, id, secrets) };

  return {
    register: async (order, context) => {
      assertValid(ProviderOrder, order);
      const { secrets, ...terms } = order;
      // Where none are given, those that must be are missing.
      assertFits(kindFor(kinds, order.kind, order.channel), {
        settings: order.settings,
        secrets: secrets ?? {},
      });
      const input = {
        concurrency: concurrencyDefault,
        ...terms,
        ...(await sealed(context.tenant, order.providerId, secrets)),
      };
      return handler.handle(registerProvider, input, context);
    },
    change: async (providerId, change, context) => {
      assertValid(ProviderChange, change);
      const record = handler.directory.carriers.provider(context.tenant, providerId);
      if (!record) throw rejected('provider-not-found', { providerId });
      const { secrets, ...changes } = change;
      const { settings = record.settings } = change;
      // What was not given anew must go with what was.
      const known = secrets ?? (await options.secrets.open(record));
      const kind = kindFor(kinds, record.kind, record.channel);
      assertFits(kind, { settings, secrets: known });
      if (!secrets && record.sealedSecrets) assertStays(kind, record.settings, settings);
      const input = {
        providerId,
        ...changes,
        ...(await sealed(context.tenant, providerId, secrets)),
      };
      return handler.handle(changeProvider, input, context);
    },
  };
};
