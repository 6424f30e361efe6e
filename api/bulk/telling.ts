/** The answer to a file of lines, a line of JSON at a time while the file is worked on. */

/** One line of the answer. */
export type BulkAnswer = Readonly<Record<string, unknown>>;

export interface Telling {
  readonly tell: (answer: BulkAnswer) => void;
  /** Waits while too much that was told is not taken yet. */
  readonly room: () => Promise<void>;
}

/** Characters of answers that nobody took yet. */
const toldMax = 8_000_000;

/**
 * What `work` tells, as text, while it works. What the client does not take yet is kept, so that one that sends all before it listens
 * does not wait for itself; beyond some megabytes the file is read no faster than its answers are.
 */
export const answering = async function* (
  work: (telling: Telling, signal: AbortSignal) => Promise<void>,
  stopping: AbortSignal,
): AsyncGenerator<string> {
  const gone = new AbortController();
  let told = '';
  let wake = (): void => undefined;
  let goOn = (): void => undefined;
  let isOver = false;
  const telling: Telling = {
    tell: (answer) => {
      told += `${JSON.stringify(answer)}\n`;
      wake();
    },
    room: async () => {
      while (told.length > toldMax && !gone.signal.aborted) {
        await new Promise<void>((resolve) => (goOn = resolve));
      }
    },
  };
  const running = work(telling, AbortSignal.any([gone.signal, stopping])).finally(() => {
    isOver = true;
    wake();
  });
  // It is awaited below, at the latest when nobody listens any more.
  running.catch(() => undefined);
  try {
    while (!isOver || told !== '') {
      const piece = told;
      told = '';
      goOn();
      if (piece !== '') yield piece;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    await running;
  } finally {
    gone.abort();
    goOn();
    await running.catch(() => undefined);
  }
};
