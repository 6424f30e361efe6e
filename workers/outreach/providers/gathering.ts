/** Receipts that come one by one over a connection, taken down together: the log takes a hundred as it takes one. */
import type { Receipt } from './port.js';

const most = 200;
const waitMs = 20;

interface Waiting {
  readonly receipt: Receipt;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Resolves for each once it was taken, with those that came with it and in their order. */
export const gathered = (
  take: (receipts: readonly Receipt[]) => void | Promise<void>,
): ((receipt: Receipt) => Promise<void>) => {
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const taken = waiting;
    waiting = [];
    try {
      await take(taken.map(({ receipt }) => receipt));
      for (const { done } of taken) done();
    } catch (error) {
      for (const { failed } of taken) failed(error);
    }
  };

  return (receipt) =>
    new Promise((done, failed) => {
      waiting.push({ receipt, done, failed });
      if (waiting.length >= most) void flush();
      else timer ??= setTimeout(() => void flush(), waitMs);
    });
};
