/**
 * A backlog is read in a thread beside that of the deliveries, which has enough to do with sending it: the thread starts when the first page is
 * wanted ahead, and ends when none was for a while. Whoever asks before it is ready, or when it is gone, is read for here.
 */
import { Worker } from 'node:worker_threads';
import type { ReadPage } from '../../workers/webhook/topicWindows.js';
import { type PackedPage, unpackPage } from '../../workers/webhook/entries.js';

export interface PagesSettings {
  readonly connectionString: string;
}

export interface PageWanted {
  readonly id: number;
  readonly stream: string;
  readonly first: number;
  readonly count: number;
}

export type FromPages =
  | { readonly kind: 'ready' }
  | { readonly kind: 'page'; readonly id: number; readonly page: PackedPage }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

export interface PublicationPages {
  readonly read: ReadPage;
  /** Twice is safe. */
  close(): Promise<void>;
}

const youngGenerationMb = 64;
const idleMs = 30_000;
const answerMs = 5_000;
/** After a thread that ended by itself, or could not read what can be read here. */
const restMs = 10_000;

interface Asked {
  readonly resolve: (page: PackedPage) => void;
  readonly reject: (error: Error) => void;
}

interface Running {
  readonly worker: Worker;
  readonly asked: Map<number, Asked>;
  isReady: boolean;
}

export const openPublicationPages = (options: {
  readonly settings: PagesSettings;
  /** Where there is no thread. */
  readonly readHere: ReadPage;
  readonly onFailed: (error: unknown) => void;
  /** Another one, for tests. */
  readonly program?: URL;
}): PublicationPages => {
  const { settings, readHere, onFailed } = options;
  const { program = new URL('./publicationPages.thread.js', import.meta.url) } = options;
  let running: Running | null = null;
  let ids = 0;
  let notBefore = 0;
  let closed = false;
  let idle: NodeJS.Timeout | undefined;

  const end = async (): Promise<void> => {
    clearTimeout(idle);
    const one = running;
    running = null;
    if (!one) return;
    for (const { reject } of one.asked.values()) reject(new Error('the thread of pages was ended'));
    await one.worker.terminate();
  };

  /** Told once, however many wait for it. */
  const rest = (error: unknown): void => {
    if (performance.now() < notBefore) return;
    notBefore = performance.now() + restMs;
    onFailed(error);
  };

  const hear = ({ asked }: Running, message: Exclude<FromPages, { kind: 'ready' }>): void => {
    const one = asked.get(message.id);
    asked.delete(message.id);
    if (message.kind === 'page') one?.resolve(message.page);
    else one?.reject(new Error(message.message));
  };

  const start = (): Running => {
    const worker = new Worker(program, {
      workerData: settings,
      name: 'pages',
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    });
    const one: Running = { worker, asked: new Map(), isReady: false };
    const gone = (error: Error): void => {
      if (running !== one) return;
      rest(error);
      for (const { reject } of one.asked.values()) reject(error);
      one.asked.clear();
      void end();
    };
    worker.on('message', (message: FromPages) => {
      if (message.kind === 'ready') one.isReady = true;
      else hear(one, message);
    });
    worker.on('error', gone);
    worker.on('exit', (code) => gone(new Error(`the thread of pages ended with code ${code}`)));
    worker.unref();
    return one;
  };

  const ask = (one: Running, wanted: PageWanted): Promise<PackedPage> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        one.asked.delete(wanted.id);
        reject(new Error(`the thread of pages did not answer within ${answerMs} ms`));
      }, answerMs);
      const settled =
        <Value>(settle: (value: Value) => void) =>
        (value: Value): void => {
          clearTimeout(late);
          settle(value);
        };
      one.asked.set(wanted.id, { resolve: settled(resolve), reject: settled(reject) });
      one.worker.postMessage(wanted);
    });

  return {
    read: async (stream, first, count) => {
      if (closed || performance.now() < notBefore) return readHere(stream, first, count);
      running ??= start();
      clearTimeout(idle);
      idle = setTimeout(() => void end(), idleMs);
      idle.unref();
      if (!running.isReady) return readHere(stream, first, count);
      try {
        return unpackPage(await ask(running, { id: (ids += 1), stream, first, count }));
      } catch (error) {
        if (closed) throw error;
        rest(error);
        return readHere(stream, first, count);
      }
    },
    close: () => {
      closed = true;
      return end();
    },
  };
};
