/**
 * Work on the outside that has to succeed in the end: tried again after 0.1 s, 0.2 s, 0.4 s … at most 30 s, with a random part,
 * until it does or the worker is stopped.
 */
import { Rejected } from '../domain/rejected.js';
import { backOffMs, pause } from '../projections/pause.js';

const firstMs = 100;
const mostMs = 30_000;

/** As `persevere`, but a decision against the command, which is final, is told and gone past. */
export const carryOut = async (
  work: () => Promise<void>,
  signal: AbortSignal,
  onFailed: (error: unknown) => void,
  onRejected: (rejection: Rejected) => void = onFailed,
): Promise<void> => {
  try {
    await persevere(work, signal, onFailed);
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    onRejected(error);
  }
};

/** A decision against a command is final and is thrown on. @throws Rejected; what the last try threw, where the signal aborts */
export const persevere = async <Result>(
  work: () => Promise<Result>,
  signal: AbortSignal,
  onFailed: (error: unknown) => void,
): Promise<Result> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Rejected || signal.aborted) throw error;
      onFailed(error);
      await pause(backOffMs(attempt, firstMs, mostMs), signal);
      if (signal.aborted) throw error;
    }
  }
};
