/** Leaves an address alone that a provider says nothing arrives at; whoever it is told by, an answer or a receipt. */
import { suppressAddress } from '../../commands/consent/suppressions.js';
import type { Handler } from '../../commands/handle.js';
import type { Suppress } from '../../workers/outreach/receipts.js';

/** Where it fails the next message to the address says so again. */
export const suppressing =
  (handler: Handler, now: () => number, onTrouble: (error: unknown) => void): Suppress =>
  (tenant, { channel, address }, code, clientReference) => {
    const key = `${channel} ${address} ${clientReference}`;
    const detail = code === '' ? {} : { detail: code };
    const input = { channel, address, reason: 'unreachable', ...detail } as const;
    handler
      .handle(suppressAddress, input, {
        ...{ tenant, actor: { kind: 'worker', id: 'outreach' }, now: now() },
        ...{ idempotencyKey: key, correlationId: key },
      })
      .catch(onTrouble);
  };
