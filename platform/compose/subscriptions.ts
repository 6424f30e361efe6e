/**
 * Standing orders over HTTP, with what they need from outside: the keys that secrets follow from, and the guarded client to ask
 * endpoints with, which is loaded when the first is asked.
 */
import { subscriptionAdminRoutes } from '../../api/admin/subscriptions.js';
import type { History } from '../../api/audit/history.js';
import { subscriptionRoutes } from '../../api/exchange/subscriptions.js';
import type { Route } from '../../api/route.js';
import type { Handler } from '../../commands/handle.js';
import type { PersonalKeys } from '../../commands/personalData.js';
import type { CallOut } from '../../commands/subscription/handshake.js';
import { createSubscriptionSecrets } from '../../commands/subscription/secrets.js';
import { createSubscribing } from '../../commands/subscription/subscribing.js';
import { createAskAndRecord } from '../../commands/subscription/verifying.js';
import type { Config } from '../config.js';
import { type AddressRange, rangeOf } from '../outbound/addresses.js';
import type { GuardedClient } from '../outbound/guardedClient.js';
import { faultOfUrl } from '../outbound/url.js';

type Settings = Pick<Config, 'publicUrl' | 'webhookPrivateNetworks' | 'webhookUnverified'>;

/** Who we are to an endpoint: the host that clients know us by. */
export const webhookOrigin = ({ publicUrl }: Pick<Config, 'publicUrl'>): string =>
  publicUrl === '' ? 'localhost' : new URL(publicUrl).hostname;

const guardedCallOut = (opened: readonly AddressRange[], stopping: AbortSignal): CallOut => {
  let client: Promise<GuardedClient> | undefined;
  const load = async (): Promise<GuardedClient> => {
    const { createGuardedClient } = await import('../outbound/guardedClient.js');
    const made = createGuardedClient({ opened });
    const close = (): void => void made.close();
    stopping.addEventListener('abort', close, { once: true });
    if (stopping.aborted) close();
    return made;
  };
  return async (call) => (await (client ??= load())).call(call);
};

export const openSubscriptions = (options: {
  readonly config: Settings;
  readonly handler: Handler;
  readonly personalKeys: Pick<PersonalKeys, 'indexKey'>;
  readonly history: Pick<History, 'stream'>;
  readonly stopping: AbortSignal;
  readonly hasRole: (role: 'admin' | 'exchange') => boolean;
}): Route[] => {
  const { config, handler, history, stopping, hasRole } = options;
  const secrets = createSubscriptionSecrets(options.personalKeys);
  const opened = config.webhookPrivateNetworks.map(rangeOf);
  const subscribing = createSubscribing({
    handler,
    secrets,
    faultOfUrl: (url) => faultOfUrl(url, { opened }),
    unverified: config.webhookUnverified,
    askAndRecord: createAskAndRecord({
      handler,
      secrets,
      callOut: guardedCallOut(opened, stopping),
      origin: webhookOrigin(config),
      monotonicMs: () => performance.now(),
    }),
    lastRevision: async (stream) => {
      const last = { direction: 'backwards', from: null, limit: 1 } as const;
      return (await history.stream(stream, last)).facts[0]?.revision ?? null;
    },
  });
  return [
    ...(hasRole('exchange') ? subscriptionRoutes({ handler, subscribing, secrets }) : []),
    ...(hasRole('admin') ? subscriptionAdminRoutes({ handler, secrets }) : []),
  ];
};
