/**
 * Hands lines over in their order, a batch at a time, and tries for ever with growing pauses while the receiver is away. It holds what it
 * was given until that is settled; how much it is given at most is the affair of whoever gives (client.ts).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { backOffMs, pause } from '../../../projections/pause.js';
import type { Carrier } from './carrier.js';
import { gelfMessageOf, type GelfOrigin } from './message.js';

export interface Shipped {
  readonly sent: number;
  /** By the receiver for good, or too large for it. */
  readonly refused: number;
  /** Of these lines, as they were given. */
  readonly chars: number;
  /** Nothing of the batch is left: the receiver is there. */
  readonly complete: boolean;
}

export interface Shipper {
  /** Whole lines, each ended by a newline. */
  take(lines: string): void;
  /** Resolves when all is settled or the time is up. @returns lines that are left. */
  stop(deadlineMs: number): Promise<number>;
}

const batchLines = 200;
const batchBytes = 256 * 1_024;
/** Settled lines before the queue is copied without them. */
const compactFrom = 10_000;

export interface BackOff {
  readonly firstMs: number;
  readonly mostMs: number;
}
const usualBackOff: BackOff = { firstMs: 250, mostMs: 15_000 };
/** While it is stopping there is no time for long pauses. */
const hurriedMs = 100;

export const createShipper = (options: {
  readonly carrier: Carrier;
  readonly origin: GelfOrigin;
  readonly now: () => number;
  readonly onShipped: (shipped: Shipped) => void;
  /** Once, when the receiver is away. */
  readonly onTrouble: (error: Error) => void;
  readonly backOff?: BackOff;
}): Shipper => {
  const { carrier, origin, now, backOff = usualBackOff } = options;
  const stopping = new AbortController();
  let queue: string[] = [];
  let head = 0;
  let running: Promise<void> | null = null;
  let ended = false;

  const nextBatch = (): Buffer[] => {
    const batch: Buffer[] = [];
    for (let bytes = 0, at = head; at < queue.length && batch.length < batchLines; at += 1) {
      const message = Buffer.from(
        JSON.stringify(gelfMessageOf(queue[at] as string, origin, now())),
      );
      bytes += message.length;
      if (bytes > batchBytes && batch.length > 0) break;
      batch.push(message);
    }
    return batch;
  };

  /** @returns how much text that was, newlines included. */
  const settle = (count: number): number => {
    let chars = 0;
    for (const line of queue.slice(head, head + count)) chars += line.length + 1;
    head += count;
    if (head < compactFrom && head < queue.length) return chars;
    queue = queue.slice(head);
    head = 0;
    return chars;
  };

  const recover = async (error: Error, failures: number): Promise<void> => {
    if (failures === 1) options.onTrouble(error);
    const { firstMs, mostMs } = backOff;
    if (stopping.signal.aborted) await sleep(hurriedMs);
    else await pause(backOffMs(failures, firstMs, mostMs), stopping.signal);
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (head < queue.length && !ended) {
      const { settled, refused, error } = await carrier.carry(nextBatch());
      const chars = settle(settled);
      if (settled > 0) {
        options.onShipped({ sent: settled - refused, refused, chars, complete: !error });
      }
      failures = error ? failures + 1 : 0;
      if (error) await recover(error, failures);
    }
    running = null;
  };

  return {
    take: (lines) => {
      for (const line of lines.split('\n')) if (line !== '') queue.push(line);
      running ??= run();
    },
    stop: async (deadlineMs) => {
      stopping.abort();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, deadlineMs)));
      await Promise.race([running, late]);
      clearTimeout(timer);
      ended = true;
      carrier.close();
      return queue.length - head;
    },
  };
};
