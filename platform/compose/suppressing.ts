/** Leaves an address alone that a provider says nothing arrives at, or whose owner complained; whoever it is told by, an answer or a receipt. */
import { setTimeout as pause } from 'node:timers/promises';
import { suppressAddress } from '../../commands/consent/suppressions.js';
import type { Handler } from '../../commands/handle.js';
import type { Place, Suppress } from '../../workers/outreach/receipts.js';
import type { TenantId } from '../../domain/ids.js';

const triesMax = 6;

export interface SuppressingOptions {
  readonly handler: Pick<Handler, 'handle'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onTrouble: (error: unknown) => void;
  /** For tests: before it is tried again for the first time; then twice as long each time. */
  readonly waitMs?: number;
}

/** Tried for half a minute; where it fails for longer the next message to the address says so again. */
export const suppressing = (options: SuppressingOptions): Suppress => {
  const { handler, now, onTrouble, waitMs = 1_000 } = options;

  const suppressOnce = (
    tenant: TenantId,
    { channel, address }: Place,
    code: string,
    key: string,
    reason: NonNullable<Parameters<Suppress>[4]>,
  ) => {
    const detail = code === '' ? {} : { detail: code };
    const input = { channel, address, reason, ...detail };
    return handler.handle(suppressAddress, input, {
      tenant,
      actor: { kind: 'worker', id: 'outreach' },
      now: now(),
      idempotencyKey: key,
      correlationId: key,
    });
  };

  const suppress = async (
    ...[tenant, place, code, reference, reason = 'unreachable']: Parameters<Suppress>
  ) => {
    // An attempt may have come back, and be complained of.
    const complained = reason === 'complained' ? ' complained' : '';
    const key = `${place.channel} ${place.address} ${reference}${complained}`;
    for (let tries = 1; ; tries += 1) {
      try {
        await suppressOnce(tenant, place, code, key, reason);
        return;
      } catch (error) {
        onTrouble(error);
        if (tries === triesMax) return;
        await pause(waitMs * 2 ** (tries - 1), undefined, { ref: false });
      }
    }
  };

  return (...told) => void suppress(...told);
};
