/**
 * Runs tasks side by side, but those of one lane one after the other in the order they came: a customer's receipts keep their order,
 * different customers do not wait for each other.
 *
 * Two bounds: how many run, and how many are taken in at all. `submit` waits at the second, which is what stops the file from being
 * read ahead of the server. The first task that fails ends it: what runs is waited for, the rest is dropped.
 */
export interface Lanes {
  /** Resolves when the task was taken in, not when it has run. @throws what a task failed with */
  submit(lane: string, task: () => Promise<void>): Promise<void>;
  /** Waits for everything taken in. @throws what a task failed with */
  idle(): Promise<void>;
  /** Drops what does not run yet. */
  stop(): void;
}

export const createLanes = (options: {
  readonly concurrency: number;
  readonly pendingMax: number;
}): Lanes => {
  const { concurrency, pendingMax } = options;
  const tails = new Map<string, Promise<void>>();
  const waitingForSlot: (() => void)[] = [];
  let wake = (): void => undefined;
  let running = 0;
  let pending = 0;
  let stopped = false;
  let failure: { readonly error: unknown } | null = null;

  const slot = async (): Promise<void> => {
    if (running >= concurrency) await new Promise<void>((resolve) => waitingForSlot.push(resolve));
    else running += 1;
  };
  const freeSlot = (): void => {
    const next = waitingForSlot.shift();
    if (next) next();
    else running -= 1;
  };

  const run = async (task: () => Promise<void>): Promise<void> => {
    await slot();
    try {
      if (!stopped) await task();
    } catch (error) {
      failure ??= { error };
      stopped = true;
    } finally {
      freeSlot();
      pending -= 1;
      wake();
    }
  };

  const changed = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });

  const throwFailure = (): void => {
    if (failure) throw failure.error;
  };

  return {
    submit: async (lane, task) => {
      while (pending >= pendingMax && !stopped) await changed();
      throwFailure();
      if (stopped) return;
      pending += 1;
      const tail = (tails.get(lane) ?? Promise.resolve()).then(() => run(task));
      tails.set(lane, tail);
      void tail.then(() => {
        if (tails.get(lane) === tail) tails.delete(lane);
      });
    },
    idle: async () => {
      while (pending > 0) await changed();
      throwFailure();
    },
    stop: () => {
      stopped = true;
      wake();
    },
  };
};
