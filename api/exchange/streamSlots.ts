/**
 * How many streams of events may be open at a time, in all and of one partner, and word to each of them when the process stops.
 * Counted in this process alone.
 */
import type { PartnerId, TenantId } from '../../domain/ids.js';
import { refused } from '../refused.js';

export interface StreamLimits {
  readonly total: number;
  readonly perPartner: number;
}

export interface StreamSlots {
  /**
   * Takes a place until it is released. @param onStopping called once when the process is to stop, at once where it already is.
   * @throws Refused too-many-streams
   */
  take(tenant: TenantId, partnerId: PartnerId, onStopping: () => void): () => void;
  readonly open: () => number;
}

const retryAfter = { 'retry-after': '5' } as const;

export const createStreamSlots = (limits: StreamLimits, stopping: AbortSignal): StreamSlots => {
  const perPartner = new Map<string, number>();
  const enders = new Set<() => void>();
  stopping.addEventListener('abort', () => enders.forEach((end) => end()), { once: true });
  return {
    take: (tenant, partnerId, onStopping) => {
      const key = `${tenant}/${partnerId}`;
      const own = perPartner.get(key) ?? 0;
      if (own >= limits.perPartner) {
        const advice = 'Close a stream that is not read, or let one program read for all.';
        const details = { most: limits.perPartner };
        throw refused('too-many-streams', advice, details, retryAfter);
      }
      if (enders.size >= limits.total) {
        const advice = 'Try again soon, or pull what was published.';
        throw refused('too-many-streams', advice, { most: limits.total }, retryAfter);
      }
      const end = (): void => onStopping();
      enders.add(end);
      perPartner.set(key, own + 1);
      if (stopping.aborted) end();
      return () => {
        if (!enders.delete(end)) return;
        const left = (perPartner.get(key) ?? 1) - 1;
        if (left > 0) perPartner.set(key, left);
        else perPartner.delete(key);
      };
    },
    open: () => enders.size,
  };
};
