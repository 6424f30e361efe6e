/**
 * What runs in the background of this process because a request asked for it: started under a key, watched and cancelled by other
 * requests. It ends with the process, so nothing may be lost by that.
 *
 * How many may run is for those who start them to say (`running`); of those that ended a bounded number is remembered.
 */
export type Outcome = 'running' | 'done' | 'failed' | 'cancelled';

interface Watched {
  readonly state: Outcome;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number | null;
  readonly error: string | null;
}

/** Of a run that begins. */
export const begun = { state: 'running', finishedAt: null, error: null } as const;

export interface Background<Run extends Watched> {
  /** In place of the one before under this key. What the work tells and resolves to changes the run; what it rejects with ends it. */
  start(
    key: string,
    run: Run,
    work: (signal: AbortSignal, tell: (changes: Partial<Run>) => void) => Promise<Partial<Run>>,
  ): Run;
  readonly get: (key: string) => Run | undefined;
  /** In the order in which they began. */
  readonly all: () => readonly Run[];
  readonly running: () => readonly Run[];
  /** False where there is no such run; one that ended stays as it is. */
  cancel(key: string): boolean;
  /** Resolves when it ended, or after so many milliseconds. */
  settled(key: string, milliseconds: number): Promise<void>;
  /** Cancels all and waits for them. Twice is safe. */
  stop(): Promise<void>;
}

interface Entry<Run> {
  run: Run;
  readonly controller: AbortController;
  ended: Promise<void>;
}

export const createBackground = <Run extends Watched>(options: {
  readonly rememberedMax: number;
  readonly now: () => number;
  readonly onFailed?: ((run: Run, error: unknown) => void) | undefined;
}): Background<Run> => {
  const { rememberedMax, now, onFailed } = options;
  const entries = new Map<string, Entry<Run>>();
  const all = (): readonly Run[] => [...entries.values()].map(({ run }) => run);

  const forgetOldest = (): void => {
    for (const [key, { run }] of entries) {
      if (entries.size <= rememberedMax) return;
      if (run.state !== 'running') entries.delete(key);
    }
  };

  const start: Background<Run>['start'] = (key, run, work) => {
    const controller = new AbortController();
    const { signal } = controller;
    const entry: Entry<Run> = { run, controller, ended: Promise.resolve() };
    const change = (changes: Partial<Run> | Partial<Watched>): void => {
      entry.run = { ...entry.run, ...changes };
    };
    const carryOut = async (): Promise<void> => {
      try {
        signal.throwIfAborted();
        const result = await work(signal, change);
        change({ ...result, state: 'done', finishedAt: now() });
      } catch (error) {
        const told = error instanceof Error ? error.message : String(error);
        const outcome = signal.aborted ? ({ state: 'cancelled' } as const) : failed(told);
        change({ ...outcome, finishedAt: now() });
        if (!signal.aborted) onFailed?.(entry.run, error);
      }
    };
    // It must be there before the work can tell anything of it.
    entry.ended = Promise.resolve().then(carryOut);
    entries.delete(key);
    entries.set(key, entry);
    forgetOldest();
    return run;
  };

  return {
    start,
    all,
    get: (key) => entries.get(key)?.run,
    running: () => all().filter(({ state }) => state === 'running'),
    cancel: (key) => {
      const entry = entries.get(key);
      entry?.controller.abort();
      return entry !== undefined;
    },
    settled: async (key, milliseconds) => {
      let timer: NodeJS.Timeout | undefined;
      const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
      await Promise.race([entries.get(key)?.ended, enough]).finally(() => clearTimeout(timer));
    },
    stop: async () => {
      for (const { controller } of entries.values()) controller.abort();
      await Promise.all([...entries.values()].map(({ ended }) => ended));
    },
  };
};

const failed = (error: string) => ({ state: 'failed', error }) as const;
