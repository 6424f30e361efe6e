/**
 * The near side of the thread that hands lines over: takes a line without ever waiting for anybody.
 *
 * Invariant: no more lines than `linesMax` are on their way, here and in the thread together, nor more text than so many usual lines have;
 * a line that finds no room is dropped and counted. The last tenth of the room is kept for warnings and worse, which are what is looked for
 * after an outage.
 */
import { Worker } from 'node:worker_threads';
import { backOffMs, pause } from '../../../projections/pause.js';
import type { GelfAddress } from './address.js';
import type { CarrierLimits } from './carrier.js';
import type { GelfOrigin } from './message.js';
import type { Shipped } from './shipper.js';

export interface GelfSettings {
  readonly address: GelfAddress;
  readonly origin: GelfOrigin;
  /** For tests. */
  readonly limits?: CarrierLimits;
}

/** Lines, or the order to end. */
export type ToGelf = string | { readonly deadlineMs: number };

export type FromGelf =
  | ({ readonly kind: 'shipped' } & Shipped)
  | { readonly kind: 'trouble'; readonly code: string; readonly message: string };

export type DropReason = 'full' | 'refused' | 'stopped' | 'crashed';

export interface GelfState {
  readonly sent: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** On their way. */
  readonly waiting: number;
  /** False from a failure until it takes lines again. */
  readonly reached: boolean;
}

export interface GelfClient {
  /** A line with its newline. */
  write(line: string): void;
  state(): GelfState;
  /** Hands over what there is, at most for so long. Twice is safe. */
  close(deadlineMs: number): Promise<void>;
}

/** What is told of the receiver, once for each time it goes and comes. */
export interface GelfNews {
  away(error: { readonly code: string; readonly message: string }): void;
  back(awayMs: number): void;
  /** Lines since this was told last; not before there is room again. */
  dropped(lines: number): void;
}

/** Lines wait so long for others, so that the thread is woken some ten times a second at most. */
const togetherMs = 100;
const togetherChars = 64 * 1_024;
const restart = { firstMs: 1_000, mostMs: 60_000 } as const;
/** Beyond the time that the thread was given. */
const graceMs = 250;

/** On average; a line of an error has ten times that. */
const charsPerLine = 2_000;

const unimportant = /^\{"level":"(?:trace|debug|info)"/;

export const openGelfClient = (
  settings: GelfSettings,
  options: { readonly linesMax: number; readonly news: GelfNews },
): GelfClient => {
  const { linesMax, news } = options;
  const roomy = Math.floor(linesMax * 0.9);
  const charsMax = linesMax * charsPerLine;
  const closing = new AbortController();
  const dropped: Record<DropReason, number> = { full: 0, refused: 0, stopped: 0, crashed: 0 };
  let worker: Worker | null = null;
  let sent = 0;
  let waiting = 0;
  let chars = 0;
  let reached = true;
  let awaySince = 0;
  let told = 0;
  let crashes = 0;
  let gathered = '';
  let timer: NodeJS.Timeout | null = null;

  const isAway = (error: { readonly code: string; readonly message: string }): void => {
    if (!reached || closing.signal.aborted) return;
    reached = false;
    awaySince = performance.now();
    news.away(error);
  };

  const isBack = (): void => {
    if (reached) return;
    reached = true;
    news.back(Math.round(performance.now() - awaySince));
  };

  /** What a receiver refuses is not told: it might refuse that, too. */
  const tellDropped = (): void => {
    const lines = dropped.full + dropped.crashed - told;
    if (lines === 0 || waiting > linesMax / 2) return;
    told += lines;
    news.dropped(lines);
  };

  const hear = (message: FromGelf): void => {
    if (message.kind === 'trouble') return isAway(message);
    sent += message.sent;
    dropped.refused += message.refused;
    waiting -= message.sent + message.refused;
    chars -= message.chars;
    if (closing.signal.aborted || !message.complete) return;
    isBack();
    tellDropped();
  };

  const start = (): Worker => {
    const made = new Worker(new URL('./gelf.thread.js', import.meta.url), {
      workerData: settings,
      name: 'logs',
    });
    made.unref();
    made.on('message', hear);
    made.on('error', (error: Error) => isAway({ code: 'CRASHED', message: error.message }));
    made.once('exit', () => {
      worker = null;
      dropped[closing.signal.aborted ? 'stopped' : 'crashed'] += waiting;
      [waiting, chars, gathered] = [0, 0, ''];
      if (!closing.signal.aborted) void startAgain();
    });
    return made;
  };

  const startAgain = async (): Promise<void> => {
    crashes += 1;
    await pause(backOffMs(crashes, restart.firstMs, restart.mostMs), closing.signal);
    if (!closing.signal.aborted) worker = start();
  };

  const handOn = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (gathered === '' || !worker) return;
    worker.postMessage(gathered satisfies ToGelf);
    gathered = '';
  };

  worker = start();

  const close = async (deadlineMs: number): Promise<void> => {
    handOn();
    closing.abort();
    const ending = worker;
    if (!ending) return;
    ending.ref();
    const exited = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
    const overdue = setTimeout(() => void ending.terminate(), deadlineMs + graceMs);
    ending.postMessage({ deadlineMs } satisfies ToGelf);
    await exited;
    clearTimeout(overdue);
  };
  let closed: Promise<void> | undefined;

  return {
    write: (line) => {
      if (closing.signal.aborted) {
        dropped.stopped += 1;
        return;
      }
      const room = unimportant.test(line) ? roomy : linesMax;
      if (waiting >= room || chars >= charsMax) {
        dropped.full += 1;
        return;
      }
      waiting += 1;
      chars += line.length;
      gathered += line;
      if (gathered.length >= togetherChars) handOn();
      else timer ??= setTimeout(handOn, togetherMs).unref();
    },
    state: () => ({ sent, waiting, reached, dropped: { ...dropped } }),
    close: (deadlineMs) => (closed ??= close(deadlineMs)),
  };
};
