/**
 * What the dispatcher may rely on whatever a provider does: a result for each message in order, never an exception, and an end soon after the
 * deadline. What cannot be understood counts as not known: it may have been sent.
 */
import { setMaxListeners } from 'node:events';
import type { Outgoing, Provider, Reconciled, SendResult } from './port.js';

/** For a provider that keeps to its deadline to say what it knows. */
const graceMs = 500;

const unknown = (code: string, text: string): SendResult => ({
  outcome: 'refused',
  errorClass: 'unknownOutcome',
  code,
  text,
});

const isResult = (value: unknown): value is SendResult => {
  const { outcome, errorClass, code } = (value ?? {}) as Record<string, unknown>;
  if (outcome === 'submitted') return true;
  return outcome === 'refused' && typeof errorClass === 'string' && typeof code === 'string';
};

/** Resolves with null some time after the deadline. */
const lateness = (deadline: AbortSignal) => {
  let timer: NodeJS.Timeout | undefined;
  let late: (value: null) => void;
  const ended = new Promise<null>((resolve) => (late = resolve));
  const begin = (): void => {
    timer = setTimeout(() => late(null), graceMs);
  };
  if (deadline.aborted) begin();
  else deadline.addEventListener('abort', begin, { once: true });
  const stop = (): void => {
    clearTimeout(timer);
    deadline.removeEventListener('abort', begin);
  };
  return { ended, stop };
};

const within = async <Value>(
  work: () => Promise<Value>,
  deadline: AbortSignal,
): Promise<Value | null> => {
  const { ended, stop } = lateness(deadline);
  try {
    return await Promise.race([work(), ended]);
  } finally {
    stop();
  }
};

export const carefully = (
  provider: Provider,
  onTrouble: (error: unknown) => void,
): Provider & Required<Pick<Provider, 'reconcile'>> => {
  let closed: Promise<void> | undefined;

  const send: Provider['send'] = async (messages, deadline) => {
    // Each message of a batch may listen for the same end.
    setMaxListeners(0, deadline);
    try {
      const results = await within(() => provider.send(messages, deadline), deadline);
      if (results === null) {
        return messages.map(() => unknown('deadline', 'Nothing came back within the deadline.'));
      }
      // With one too few nobody knows whose are there.
      const whole = Array.isArray(results) && results.length === messages.length;
      return messages.map((_message: Outgoing, index) => {
        const result: unknown = whole ? results[index] : undefined;
        return isResult(result) ? result : unknown('not-understood', 'Its answer made no sense.');
      });
    } catch (error) {
      onTrouble(error);
      return messages.map(() => unknown('broken', 'The call broke; see the log of the process.'));
    }
  };

  const reconcile = async (clientReference: string, deadline: AbortSignal): Promise<Reconciled> => {
    const unsure = { outcome: 'unknown' } as const;
    if (!provider.reconcile) return { outcome: 'unknown', cannotBeAsked: true };
    try {
      const ask = () => provider.reconcile?.(clientReference, deadline) ?? Promise.resolve(unsure);
      const found = await within<Reconciled>(ask, deadline);
      if (found?.outcome === 'unknown' && found.cannotBeAsked) return found;
      if (found?.outcome === 'never-arrived' || isResult(found)) return found;
      return unsure;
    } catch (error) {
      onTrouble(error);
      return unsure;
    }
  };

  return { send, reconcile, close: () => (closed ??= provider.close().catch(onTrouble)) };
};
