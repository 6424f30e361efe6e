/** What providers of a process speak through: the guarded client, loaded with the first call, and guarded connections. */
import type { ProviderPorts } from '../../workers/outreach/providers/open.js';
import { rangeOf } from '../outbound/addresses.js';
import { createDial } from '../outbound/dialGuarded.js';
import type { GuardedClient } from '../outbound/guardedClient.js';
import { createProviderHttp } from '../outbound/providerHttp.js';

export interface OpenedProviderPorts {
  readonly ports: Pick<ProviderPorts, 'http' | 'dial'>;
  /** Ends what is under way. Twice is safe. */
  close(): Promise<void>;
}

/** Shorter than servers keep connections: what was written to one that is gone is not known and not sent again. */
const idleMs = 4_000;
/** What became of a thousand messages; cut off, nothing of it could be understood. */
const bodyKeptMax = 1_024 * 1_024;

/** @param privateNetworks that may be reached all the same, as `10.1.0.0/16`. */
export const openProviderPorts = (privateNetworks: readonly string[]): OpenedProviderPorts => {
  const opened = privateNetworks.map(rangeOf);
  let client: Promise<GuardedClient> | undefined;
  let closed = false;
  const load = async (): Promise<GuardedClient> => {
    const { createGuardedClient } = await import('../outbound/guardedClient.js');
    const made = createGuardedClient({ opened, idleMs, bodyKeptMax });
    if (closed) await made.close();
    return made;
  };
  return {
    ports: { http: createProviderHttp(() => (client ??= load())), dial: createDial(opened) },
    close: async () => {
      closed = true;
      await (await client)?.close();
    },
  };
};
