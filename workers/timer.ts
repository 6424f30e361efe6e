/**
 * The frame of a timer that does what is due: a batch a time, a few of it at once, each until it succeeds or is refused for good, and a
 * pause where nothing is left. What is under way when it is stopped is finished or left for the next time.
 */
import type { CommandContext } from '../commands/command.js';
import type { TenantId } from '../domain/ids.js';
import { pause } from '../projections/pause.js';
import { carryOut, persevere } from './persevere.js';

export interface Timer {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** One batch. How many were due; 0: there is nothing to do for now. */
  tick(signal: AbortSignal): Promise<number>;
}

interface Timed<Item> {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onFailed: (error: unknown) => void;
  /** Between two looks when nothing is due; or always, as `restsAlways` says. */
  readonly everyMs: number;
  readonly restsAlways?: boolean;
  readonly atOnce: number;
  /** What is due at this time, a limited number. */
  readonly due: (at: number) => readonly Item[] | Promise<readonly Item[]>;
  /** `at` is when the batch was begun. */
  readonly work: (item: Item, at: number) => Promise<unknown>;
  /** It was done, or refused for good. */
  readonly onDone?: (item: Item, at: number) => void;
}

export const createTimer = <Item>(options: Timed<Item>): Timer => {
  const { now, onFailed, everyMs, restsAlways = false, atOnce, due, work, onDone } = options;

  const settle = async (item: Item, at: number, signal: AbortSignal): Promise<void> => {
    try {
      await carryOut(async () => void (await work(item, at)), signal, onFailed);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    onDone?.(item, at);
  };

  const tick = async (signal: AbortSignal): Promise<number> => {
    const at = now();
    const items = await due(at);
    const queue = items.values();
    const settleNext = async (): Promise<void> => {
      for (const item of queue) {
        if (signal.aborted) return;
        await settle(item, at, signal);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, settleNext));
    return items.length;
  };

  const tickInTheEnd = (signal: AbortSignal): Promise<number> =>
    persevere(() => tick(signal), signal, onFailed).catch((error: unknown) => {
      // A stop in the middle of a wait is not a failure.
      if (signal.aborted) return 0;
      throw error;
    });

  return {
    tick,
    run: async (signal) => {
      while (!signal.aborted) {
        const count = await tickInTheEnd(signal);
        if (count === 0 || restsAlways) await pause(everyMs, signal);
      }
    },
  };
};

/** The circumstances of what the timer of this name commands; `about` makes its key, so that a repeat is known as one. */
export const timedContext = (
  name: string,
  tenant: TenantId,
  about: string,
  now: number,
): CommandContext => {
  const key = `${name} ${about}`;
  const actor = { kind: 'worker', id: name } as const;
  return { tenant, actor, now, idempotencyKey: key, correlationId: key };
};
