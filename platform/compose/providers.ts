/** Providers over HTTP: what operators keep of them, and the calls that providers make to us. */
import { outreachProviderRoutes, testReference } from '../../api/admin/outreachProviders.js';
import { outreachRoutingRoutes } from '../../api/admin/outreachRouting.js';
import { callbackRoutes } from '../../api/outreach/callbacks.js';
import type { ProviderDesk } from '../../api/outreach/providerDesk.js';
import { refused } from '../../api/refused.js';
import type { Route } from '../../api/route.js';
import type { ProviderRecord } from '../../commands/carriers.js';
import type { Handler } from '../../commands/handle.js';
import type { PersonalKeys } from '../../commands/personalData.js';
import type { TakeReceipts } from '../../commands/provider/receipts.js';
import { createProviderSecrets, type ProviderSecrets } from '../../commands/provider/secrets.js';
import type { MessageId } from '../../domain/ids.js';
import { providerKindOf, providerKinds } from '../../workers/outreach/providers/kinds.js';
import { openProvider, ProviderUnusable } from '../../workers/outreach/providers/open.js';
import type { Outgoing, SendResult } from '../../workers/outreach/providers/port.js';
import type { Config } from '../config.js';
import type { Logger } from '../logging.js';
import { openProviderPorts } from './providerPorts.js';

const timeoutDefaultMs = 10_000;

const unusable = (error: ProviderUnusable): SendResult => ({
  outcome: 'refused',
  errorClass: 'accountPermanent',
  code: 'unusable',
  text: error.message,
});

export const createProviderDesk = (options: {
  readonly secrets: ProviderSecrets;
  readonly privateNetworks: readonly string[];
  /** A centre tells receipts to whoever is connected, also for a test. */
  readonly takeReceipts: TakeReceipts;
  readonly onTrouble: (record: ProviderRecord, error: unknown) => void;
  readonly now: () => number;
}): ProviderDesk => {
  const { secrets, privateNetworks, takeReceipts, onTrouble, now } = options;

  const sendOne = async (record: ProviderRecord, message: Outgoing): Promise<SendResult> => {
    const network = openProviderPorts(privateNetworks);
    try {
      const { provider } = openProvider(record, await secrets.open(record), {
        now,
        ...network.ports,
        onReceipts: (receipts) => takeReceipts(record.tenant, record.providerId, receipts),
        onTrouble: (error) => onTrouble(record, error),
      });
      const deadline = AbortSignal.timeout(record.timeoutMs ?? timeoutDefaultMs);
      const [result] = await provider.send([message], deadline).finally(() => provider.close());
      return result as SendResult;
    } catch (error) {
      if (error instanceof ProviderUnusable) return unusable(error);
      throw error;
    } finally {
      await network.close();
    }
  };

  return {
    tryOut: async (record, to, content) => {
      const started = performance.now();
      const clientReference = testReference();
      const result = await sendOne(record, {
        messageId: '0'.repeat(32) as MessageId,
        attempt: 1,
        class: 'transactional',
        clientReference,
        to,
        content,
        expiresAt: now() + 300_000,
      });
      const milliseconds = Math.round(performance.now() - started);
      return { ...result, clientReference, milliseconds };
    },
    judge: async (record, call) => {
      const { callback } = providerKindOf(record.kind) ?? {};
      if (!callback) return { kind: 'none' };
      const { tenant, providerId, settings } = record;
      const opened = await secrets.open(record);
      return callback(call, { tenant, providerId, settings, secrets: opened, now: now() });
    },
  };
};

const nobodyTakes: TakeReceipts = () =>
  Promise.reject(refused('service-unavailable', 'Report again later.'));

export const openProviders = (options: {
  readonly config: Pick<Config, 'webhookPrivateNetworks'>;
  readonly handler: Handler;
  readonly personalKeys: Pick<PersonalKeys, 'indexKey'>;
  readonly logger: Logger;
  readonly takeReceipts?: TakeReceipts;
  readonly hasRole: (role: 'admin' | 'outreach') => boolean;
  readonly now: () => number;
}): Route[] => {
  const { config, handler, logger, takeReceipts = nobodyTakes, hasRole, now } = options;
  const providerSecrets = createProviderSecrets(options.personalKeys);
  const providerDesk = createProviderDesk({
    secrets: providerSecrets,
    privateNetworks: config.webhookPrivateNetworks,
    now,
    takeReceipts,
    onTrouble: ({ tenant, providerId }, error) =>
      logger.warn({ err: error, tenant, providerId }, 'a test of a provider met trouble'),
  });
  const services = { handler, providerKinds, providerSecrets, providerDesk };
  return [
    ...(hasRole('admin')
      ? [...outreachProviderRoutes(services), ...outreachRoutingRoutes(services)]
      : []),
    ...(hasRole('outreach')
      ? callbackRoutes({
          directory: handler.directory,
          providerDesk,
          takeReceipts,
          onRefused: (refusal) => logger.warn(refusal, 'a call of a provider was refused'),
        })
      : []),
  ];
};
