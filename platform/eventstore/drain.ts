/**
 * What a subscription of the client has buffered, in one go, waiting only when there is nothing: cheaper than its own iterator.
 *
 * The client goes on reading from the server only while its buffer has room, so who is slow here holds nobody up but himself.
 */
import type { Readable } from 'node:stream';

/**
 * @param accept makes an item of what was buffered, or nothing.
 * @throws what the subscription fails with, or that it ended; ends when the signal aborts.
 */
export async function* drain<Item>(
  subscription: Readable,
  signal: AbortSignal,
  accept: (next: unknown) => Item | undefined,
): AsyncGenerator<Item> {
  let failure: unknown = null;
  let ended = false;
  let wake = (): void => undefined;
  // It may fail once more when nobody waits for it: this listener stays.
  subscription.on('error', (error) => {
    failure = error;
    wake();
  });
  for (const name of ['end', 'close'] as const) {
    subscription.on(name, () => {
      ended = true;
      wake();
    });
  }
  subscription.on('readable', () => wake());
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      for (;;) {
        if (signal.aborted) return;
        const next: unknown = subscription.read();
        if (next === null) break;
        const item = accept(next);
        if (item !== undefined) yield item;
      }
      if (failure) throw failure;
      if (ended) throw new Error('the subscription ended');
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
