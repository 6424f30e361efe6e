import { expect } from 'chai';
import { openDormantThread } from '../../../platform/compose/dormantThread.js';
import type { Logger } from '../../../platform/logging.js';
import type { FeedItem } from '../../../projections/feed.js';

/** Logs its settings, tells its limit of young memory, answers what it is told, and ends when it is told to stop or made to fail. */
const program = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, resourceLimits, workerData } from 'node:worker_threads';
    if (workerData.fails) throw new Error('it cannot begin');
    parentPort.postMessage({ kind: 'log', level: 'info', fields: workerData, message: 'awake' });
    parentPort.postMessage({ kind: 'limit', megabytes: resourceLimits.maxYoungGenerationSizeMb });
    parentPort.on('message', (message) => {
      if (message === 'stop') parentPort.close();
      else parentPort.postMessage({ kind: 'answer', message });
    });
  `)}`,
);

describe('a thread that is dormant', () => {
  const open = (
    settings: { readonly fails?: boolean } = {},
    triggers: readonly string[] = ['Woken'],
  ) => {
    let wake = (): void => undefined;
    const fact = new Promise<void>((resolve) => (wake = resolve));
    const heard: unknown[] = [];
    const logged: [string, object][] = [];
    let hear = (): void => undefined;
    const log = (fields: object, message: string): void => {
      logged.push([message, fields]);
      hear();
    };
    const thread = openDormantThread<
      { readonly kind: 'limit' | 'answer' },
      { readonly kind: 'news'; readonly number: bigint }
    >({
      ...{ name: 'sleeper', program, settings, triggers },
      resourceLimits: { maxYoungGenerationSizeMb: 12 },
      feed: {
        head: () => Promise.resolve(0n as never),
        subscribe: async function* ({ filter, signal }) {
          expect(filter).to.deep.equal({ eventTypes: ['Woken'] });
          const aborted = new Promise<void>((resolve) =>
            signal.addEventListener('abort', () => resolve(), { once: true }),
          );
          await Promise.race([fact, aborted]);
          if (!signal.aborted) yield { kind: 'fact' } as FeedItem;
        },
      },
      logger: { debug: log, info: log, warn: log, error: log } as unknown as Logger,
      onMessage: (message) => {
        heard.push(message);
        hear();
      },
    });
    const until = async (isSo: () => boolean): Promise<void> => {
      while (!isSo()) await new Promise<void>((resolve) => (hear = resolve));
    };
    return { thread, wake, heard, logged, until };
  };

  it('sleeps until the first fact of its kind, and may be stopped twice before it', async () => {
    const { thread, logged } = open();
    expect(thread.state()).to.equal('asleep');
    await Promise.all([thread.stop(), thread.stop()]);
    expect([thread.state(), logged]).to.deep.equal(['asleep', []]);
  });

  it('logs here what the thread logs, and hands on what else it tells, within its limits', async () => {
    const { thread, wake, heard, logged, until } = open();
    wake();
    await until(() => heard.length > 0);
    expect(thread.state()).to.equal('running');
    expect(logged).to.deep.equal([['awake', {}]]);
    expect(heard).to.deep.equal([{ kind: 'limit', megabytes: 12 }]);
    await thread.stop();
    expect(logged).to.have.length(1);
  });

  it('is told things while it runs, and those are lost while it does not', async () => {
    const { thread, wake, heard, until } = open();
    thread.tell({ kind: 'news', number: 1n });
    wake();
    await until(() => heard.length > 0);
    thread.tell({ kind: 'news', number: 2n });
    await until(() => heard.length > 1);
    expect(heard.slice(1)).to.deep.equal([
      { kind: 'answer', message: { kind: 'news', number: 2n } },
    ]);
    await thread.stop();
    thread.tell({ kind: 'news', number: 3n });
  });

  it('is woken by what it is told where no fact wakes it, and told all of it once it runs', async () => {
    const { thread, heard, until } = open({}, []);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(thread.state()).to.equal('asleep');
    for (const number of [1n, 2n]) thread.tell({ kind: 'news', number });
    await until(() => heard.length > 2);
    const answers = [1n, 2n].map((number) => ({
      kind: 'answer',
      message: { kind: 'news', number },
    }));
    expect(heard.slice(1)).to.deep.equal(answers);
    expect(thread.state()).to.equal('running');
    await thread.stop();
  });

  it('may be stopped before it was told anything', async () => {
    const { thread, heard } = open({}, []);
    await thread.stop();
    thread.tell({ kind: 'news', number: 1n });
    expect([thread.state(), heard]).to.deep.equal(['asleep', []]);
  });

  it('says why it ended, and waits before it is started again', async () => {
    const { thread, wake, logged, until } = open({ fails: true });
    wake();
    await until(() => logged.length > 0);
    const [[message, fields] = []] = logged;
    expect(message).to.equal('a thread ended by itself and is started again');
    expect(fields).to.include({ thread: 'sleeper' });
    expect(fields).to.have.nested.property('err.message', 'it cannot begin');
    expect(thread.state()).to.equal('restarting');
    await thread.stop();
  });
});
