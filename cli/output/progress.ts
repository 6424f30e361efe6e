/**
 * How far a long command is: a bar with rate and time left on a terminal, a plain line every few seconds elsewhere.
 *
 * Written to stderr, so that what a program reads from stdout stays clean. The time left is worked out from the share that is done,
 * which need not be counted in the units that the rate is shown in.
 */
import cliProgress from 'cli-progress';
import { count, duration } from './numbers.js';

export interface Progress {
  /** `share` from 0 to 1. */
  update(share: number, done: number): void;
  stop(): void;
}

export interface ProgressOptions {
  readonly label: string;
  /** What `done` counts, in the plural. */
  readonly unit: string;
  readonly stream?: NodeJS.WriteStream;
  /** For tests. */
  readonly now?: () => number;
  readonly everyMs?: number;
}

export const showProgress = (options: ProgressOptions): Progress => {
  const stream = options.stream ?? process.stderr;
  return stream.isTTY ? bar(options, stream) : lines(options, stream);
};

/** Rate and time left are those of the last seconds: the beginning of a long command is seldom like the rest of it. */
const windowMs = 10_000;

interface Sample {
  readonly at: number;
  readonly share: number;
  readonly done: number;
}

const tell = (options: ProgressOptions, startedAt: number) => {
  const now = options.now ?? (() => performance.now());
  const samples: Sample[] = [{ at: startedAt, share: 0, done: 0 }];
  return (share: number, done: number) => {
    const at = now();
    while (samples.length > 1 && (samples[1]?.at ?? at) <= at - windowMs) samples.shift();
    const [from = { at: startedAt, share: 0, done: 0 }] = samples;
    samples.push({ at, share, done });
    const seconds = (at - from.at) / 1000;
    const gained = share - from.share;
    return {
      percent: `${Math.floor(share * 100)}`.padStart(3),
      done: count(done),
      rate: count(seconds > 0 ? Math.max(0, Math.round((done - from.done) / seconds)) : 0),
      left: share >= 1 ? '0:00' : gained > 0 ? duration(((1 - share) * seconds) / gained) : '?',
    };
  };
};

const started = ({ now }: ProgressOptions): number => (now ? now() : performance.now());

const bar = (options: ProgressOptions, stream: NodeJS.WriteStream): Progress => {
  const told = tell(options, started(options));
  const single = new cliProgress.SingleBar(
    {
      format: `${options.label} {bar} {percent} %  {done} ${options.unit}  {rate}/s  {left} left`,
      stream,
      hideCursor: true,
      fps: 8,
      barsize: 30,
      etaBuffer: 1,
    },
    cliProgress.Presets.shades_classic,
  );
  single.start(1000, 0, told(0, 0));
  return {
    update: (share, done) => single.update(Math.round(share * 1000), told(share, done)),
    stop: () => single.stop(),
  };
};

const lines = (options: ProgressOptions, stream: NodeJS.WriteStream): Progress => {
  const now = options.now ?? (() => performance.now());
  const everyMs = options.everyMs ?? 5_000;
  const told = tell(options, started(options));
  let last = now();
  const write = (share: number, done: number): void => {
    const { percent, done: shown, rate, left } = told(share, done);
    stream.write(
      `${options.label} ${percent.trim()} %, ${shown} ${options.unit}, ${rate}/s, ${left} left\n`,
    );
  };
  return {
    update: (share, done) => {
      if (now() - last < everyMs) return;
      last = now();
      write(share, done);
    },
    stop: () => undefined,
  };
};
