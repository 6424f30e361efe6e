/** A hundred subscriptions to $all through one client; counts what each gets and how late, and knows what each should have got. */
import { END, EventStoreDBClient, START } from '@eventstore/db-client';
import { answerParent } from '../child.js';
import { type MemoryUsed, memoryUsed, wallClockMs } from './probe.js';
import { deafListener, drawn, type Listener, listener } from './traffic.js';

export type ListenQuestion =
  | {
      readonly ask: 'open';
      readonly connectionString: string;
      readonly listeners: number;
      /** Whether their filters let nothing through. */
      readonly deaf: boolean;
      readonly from: 'start' | 'end';
    }
  /** Events are numbered from 0; those below `appendedTo` have been answered. */
  | { readonly ask: 'window'; readonly appendedTo: number }
  | { readonly ask: 'close' };

/** Since the window before. */
export interface Window extends MemoryUsed {
  readonly delivered: number;
  readonly lagMsMax: number;
  readonly lagMsMean: number;
  /** How many events the listener that is worst off has yet to get; below zero: got twice. */
  readonly behindMax: number;
}

interface Listening extends Listener {
  readonly subscription: ReturnType<EventStoreDBClient['subscribeToAll']>;
  received: number;
  expected: number;
}

let client: EventStoreDBClient | undefined;
let all: Listening[] = [];
let failure: Error | undefined;
let expectedTo = 0;
let lags = { delivered: 0, maxMs: 0, sumMs: 0 };

const hear = (own: Listening, sentMs: number): void => {
  const lagMs = wallClockMs() - sentMs;
  own.received += 1;
  lags.delivered += 1;
  lags.sumMs += lagMs;
  lags.maxMs = Math.max(lags.maxMs, lagMs);
};

/** Resolves when it has caught up. */
const open = async (
  log: EventStoreDBClient,
  from: 'start' | 'end',
  { filter, wants }: Listener,
): Promise<Listening> => {
  const fromPosition = from === 'start' ? START : END;
  const subscription = log.subscribeToAll({ fromPosition, filter });
  const own = { filter, wants, subscription, received: 0, expected: 0 };
  subscription.on('data', ({ event }) =>
    hear(own, (event?.data as unknown as { sentMs: number }).sentMs),
  );
  await new Promise<void>((resolve, reject) => {
    subscription.once('caughtUp', resolve);
    subscription.on('error', (error) => {
      failure ??= error as Error;
      reject(error as Error);
    });
  });
  return own;
};

const window = (appendedTo: number): Window => {
  if (failure) throw failure;
  for (; expectedTo < appendedTo; expectedTo += 1) {
    const event = drawn(expectedTo);
    for (const own of all) if (own.wants(event)) own.expected += 1;
  }
  const { delivered, maxMs, sumMs } = lags;
  lags = { delivered: 0, maxMs: 0, sumMs: 0 };
  return {
    ...memoryUsed(),
    delivered,
    lagMsMax: maxMs,
    lagMsMean: sumMs / Math.max(1, delivered),
    behindMax: Math.max(0, ...all.map(({ expected, received }) => expected - received)),
  };
};

const answer = async (question: ListenQuestion): Promise<Window | undefined> => {
  if (question.ask === 'window') return window(question.appendedTo);
  if (question.ask === 'open') {
    const log = (client ??= EventStoreDBClient.connectionString(question.connectionString));
    const make = question.deaf ? deafListener : listener;
    const indices = Array.from({ length: question.listeners }, (_, index) => index);
    all = await Promise.all(indices.map((index) => open(log, question.from, make(index))));
    return undefined;
  }
  await Promise.all(all.map(({ subscription }) => subscription.unsubscribe()));
  all = [];
  return undefined;
};

answerParent(answer, async () => client?.dispose());
