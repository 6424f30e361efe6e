/** Opens a provider as it is registered: its settings and secrets checked once more by the kind's own schemas, its answers taken with care. */
import { faultsIn } from '../../../commands/validation.js';
import type { ProviderRecord } from '../../../commands/carriers.js';
import type { Secrets } from '../../../commands/provider/secrets.js';
import { carefully } from './careful.js';
import { providerKindOf } from './kinds.js';
import type { Provider, ProviderOptions } from './port.js';
import { errorRedacted, redacted, secretsRedacted } from './redaction.js';

/** What every provider of a process is given alike. */
export type ProviderPorts = Pick<
  ProviderOptions<unknown, unknown>,
  'now' | 'onReceipts' | 'onTrouble' | 'http' | 'dial'
>;

/** It cannot be opened as it is registered: change it. */
export class ProviderUnusable extends Error {
  override readonly name = 'ProviderUnusable';
}

export interface OpenedProvider {
  readonly provider: Provider & Required<Pick<Provider, 'reconcile'>>;
  /** Messages in one call. */
  readonly batchMax: number;
}

/** @throws ProviderUnusable */
export const openProvider = (
  record: ProviderRecord,
  secrets: Secrets,
  ports: ProviderPorts,
): OpenedProvider => {
  const { tenant, providerId, settings } = record;
  const kind = providerKindOf(record.kind);
  if (!kind) throw new ProviderUnusable(`There is no kind of provider ${record.kind} here.`);
  const faults = [
    ...faultsIn(kind.settings, settings).map(
      ({ pointer, reason }) => `settings${pointer} ${reason}`,
    ),
    // Which is wrong is said, never what it is.
    ...faultsIn(kind.secrets, secrets).map(({ pointer }) => `secrets${pointer} cannot be used`),
  ];
  if (faults.length === 0) faults.push(...(kind.faults?.(settings, secrets) ?? []));
  if (faults.length > 0) throw new ProviderUnusable(`${providerId}: ${faults.join('; ')}`);
  const redact = secretsRedacted(secrets);
  const onTrouble = (error: unknown) => ports.onTrouble(errorRedacted(error, redact));
  const opened = kind.open({ tenant, providerId, settings, secrets, ...ports, onTrouble });
  const careful = carefully(opened, onTrouble);
  const send: Provider['send'] = async (messages, deadline) => {
    const results = await careful.send(messages, deadline);
    return results.map((result, index) => {
      const message = messages[index];
      return message ? redacted(result, message, redact) : result;
    });
  };
  const most = kind.batchMax(settings);
  return {
    provider: { ...careful, send },
    batchMax: Math.max(1, Math.min(most, record.batch?.max ?? most)),
  };
};
