/**
 * Many subscribers to $all with filters of their own while events are appended at a steady rate: how late they get them, whether any
 * falls behind, whether memory grows; and what a subscriber costs that gets nothing.
 */
import type { Bench } from '../bench.js';
import { startChild } from '../child.js';
import { cpuTimes } from '../machine/cpuTime.js';
import { figure, mebibytes, milliseconds, whole } from '../table.js';
import type { Appended, AppendingPlan } from './appender.process.js';
import type { ListenQuestion, Window } from './listeners.process.js';
import type { NodeQuestion } from './node.process.js';
import type { MemoryUsed } from './probe.js';

const perSecond = 2_000;
const listeners = 100;
const windowSeconds = 10;
/** Longest that a subscriber may be behind when a window ends. */
const lagMsAllowed = 1_000;

interface Row {
  readonly second: number;
  readonly appended: number;
  readonly listened: Window;
  readonly node: MemoryUsed;
}

interface Cost {
  readonly title: string;
  readonly events: number;
  /** Of the node's process, all threads, without PostgreSQL. */
  readonly nodeCpuSeconds: number;
}

const sum = (values: Iterable<number>): number =>
  [...values].reduce((total, each) => total + each, 0);

const nodeSeconds = (pid: number): number =>
  sum([...cpuTimes([pid])].map(([part, seconds]) => (part === 'PostgreSQL' ? 0 : seconds)));

const run: Bench['run'] = async ({ cleanup, say, quick, seconds: asked }) => {
  const seconds = asked ?? (quick ? 2 : 60);
  const costSeconds = quick ? 1 : Math.min(10, seconds);
  const start = (module: string) => startChild(new URL(module, import.meta.url), cleanup);
  const node = start('./node.process.js');
  const dataDir = cleanup.folder('subscribers');
  const askNode = <Answer>(question: NodeQuestion) => node.ask<Answer>(question, 60_000);
  const connectionString = await askNode<string>({ dataDir });
  const appender = start('./appender.process.js');
  const hearer = start('./listeners.process.js');
  const listen = <Answer>(question: ListenQuestion) => hearer.ask<Answer>(question, 60_000);

  let from = 0;
  const append = async (length: number): Promise<number> => {
    const plan: AppendingPlan = { connectionString, perSecond, seconds: length, from };
    const { events } = await appender.ask<Appended>(plan, (length + 60) * 1000);
    from += events;
    return events;
  };
  const costOf = async (title: string): Promise<Cost> => {
    const before = nodeSeconds(node.pid);
    const events = await append(costSeconds);
    const cost = { title, events, nodeCpuSeconds: nodeSeconds(node.pid) - before };
    say(`${title}: ${figure((cost.nodeCpuSeconds * 1e6) / events)} us an event`);
    return cost;
  };

  await append(quick ? 0.5 : 3); // warms up
  const alone = await costOf('no subscriber');
  await listen({ ask: 'open', connectionString, listeners, deaf: true, from: 'end' });
  const deaf = await costOf(`${listeners} whose filters let nothing through`);
  await listen({ ask: 'close' });
  await listen({ ask: 'open', connectionString, listeners, deaf: false, from: 'end' });
  await listen<Window>({ ask: 'window', appendedTo: 0 });

  const began = from;
  const rows: Row[] = [];
  const before = nodeSeconds(node.pid);
  for (let done = 0; done < seconds;) {
    const length = Math.min(windowSeconds, seconds - done);
    await append(length);
    done += length;
    const listened = await listen<Window>({ ask: 'window', appendedTo: from - began });
    const used = await askNode<MemoryUsed>({ memory: true });
    rows.push({ second: done, appended: from - began, listened, node: used });
    say(`${done} s: ${whole(listened.lagMsMax)} ms late at most, ${listened.behindMax} behind`);
  }
  const hearing: Cost = {
    title: `${listeners} that get one event in fifty each`,
    events: from - began,
    nodeCpuSeconds: nodeSeconds(node.pid) - before,
  };
  await listen({ ask: 'close' });
  const returned = nodeSeconds(node.pid);
  const returnedAt = performance.now();
  await listen({ ask: 'open', connectionString, listeners, deaf: false, from: 'start' });
  const returning = {
    events: from,
    seconds: (performance.now() - returnedAt) / 1000,
    nodeCpuSeconds: nodeSeconds(node.pid) - returned,
  };
  const costs = [alone, deaf, hearing];
  const base = (alone.nodeCpuSeconds * 1e6) / alone.events;
  const last = rows.at(-1);
  const isKeptUp = last !== undefined && last.listened.lagMsMax < lagMsAllowed;
  const held = (row: Row | undefined): number =>
    row ? row.node.heapBytes + row.node.externalBytes : 0;
  const grown = held(last) / Math.max(1, held(rows[Math.floor((rows.length - 1) / 2)]));
  const verdict = (met: boolean, what: string) => `${met ? 'met   ' : 'MISSED'} ${what}`;
  return {
    tables: [
      {
        title: `${listeners} subscribers to $all, ${whole(perSecond)} appends a second`,
        head: [
          'second',
          'appended',
          'delivered',
          'lag ms mean',
          'max',
          'events behind',
          'node RSS MiB',
          'heap',
          'buffers',
          'client RSS MiB',
          'heap',
        ],
        rows: rows.map(({ second, appended, listened, node: used }) => [
          String(second),
          whole(appended),
          whole(listened.delivered),
          milliseconds(listened.lagMsMean),
          milliseconds(listened.lagMsMax),
          String(listened.behindMax),
          mebibytes(used.rssBytes),
          mebibytes(used.heapBytes),
          mebibytes(used.externalBytes),
          mebibytes(listened.rssBytes),
          mebibytes(listened.heapBytes),
        ]),
      },
      {
        title: "The node's processor time of an appended event",
        head: ['', 'us an event', 'of a subscriber, us'],
        rows: costs.map(({ title, events, nodeCpuSeconds }) => {
          const us = (nodeCpuSeconds * 1e6) / events;
          return [title, figure(us), ((us - base) / listeners).toFixed(3)];
        }),
      },
    ],
    figures: { seconds, perSecond, listeners, rows, costs, returning },
    notes: [
      `${listeners} that begin at the start together caught up with ${whole(from)} events in ${returning.seconds.toFixed(1)} s; ` +
        `the node took ${figure((returning.nodeCpuSeconds * 1e6) / from / listeners)} us an event and subscriber.`,
      verdict(
        isKeptUp,
        `late at most in the last window: ${whole(last?.listened.lagMsMax ?? 0)} ms`,
      ),
      verdict(
        grown < 1.1,
        `memory that the node holds at the end against the middle: ${grown.toFixed(2)}`,
      ),
    ],
  };
};

export const subscribers: Bench = {
  name: 'subscribers',
  summary: '100 filtered subscribers to $all while 2,000 events a second are appended',
  run,
};
