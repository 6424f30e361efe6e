/**
 * Subscriptions that never give up: when one breaks, the next is opened after a wait that grows with each failure in a row.
 *
 * What "the next" begins with is for `open` to know: a catch-up subscription goes on after the last item it handed out, a
 * persistent one is told by the server what has not been acknowledged. An item ends the row of failures.
 */
import { backOffMs, pause, subscriptionBackOff } from './backOff.js';

export interface Source<Item> extends AsyncIterable<Item> {
  /** Ends the subscription at the server, however it came to an end here. Never throws. */
  close(): void;
}

export interface Supervised<Item> {
  readonly open: () => Source<Item>;
  readonly signal: AbortSignal;
  /** Told of every failure; `attempt` counts those in a row from 1. */
  readonly onInterrupted: (error: unknown, attempt: number) => void;
  /** Failures that no repeat mends: thrown to whoever iterates. */
  readonly isFinal?: (error: unknown) => boolean;
  /** Waits; real time unless told. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** The items of one subscription after the other, until the signal aborts. */
export async function* supervise<Item>(options: Supervised<Item>): AsyncGenerator<Item> {
  const { open, signal, onInterrupted, isFinal = () => false, wait = pause } = options;
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const source = open();
    try {
      for await (const item of source) {
        attempt = 0;
        yield item;
      }
      if (signal.aborted) return;
      throw new Error('the subscription ended');
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) throw error;
      onInterrupted(error, Math.max(attempt, 1));
    } finally {
      source.close();
    }
    await wait(backOffMs(subscriptionBackOff, Math.max(attempt, 1)), signal);
  }
}
