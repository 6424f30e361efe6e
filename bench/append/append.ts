/**
 * The log alone through its official client: appends with 1, 16 and 64 in flight, beside what bounds them. Every round measures, in
 * turn: the node; the same client against a node that answers from memory; and the node's batches written straight to PostgreSQL.
 *
 * The ceiling is 1/(1/memory + 1/straight), as if an append first took what the client and gRPC take and then its share of a batch.
 * On two cores that is the fair sum: client, node and PostgreSQL are three programs that each could keep a core busy. The parts that
 * do overlap would let it be beaten, the node's own work for a batch (decide, encode, publish) counts against it. The same sum of
 * processor times is shown too: on a machine that others use it is the one to judge by.
 */
import type { Bench } from '../bench.js';
import { startChild } from '../child.js';
import { type Sample, type Statistics, summarise } from '../load/latencies.js';
import { cpuTimes } from '../machine/cpuTime.js';
import { figure, milliseconds, ratio, whole } from '../table.js';
import type { AppendPlan, RawEvent } from './append.process.js';
import type { StartedNode } from './node.process.js';
import { smallEvent, storedPurchase } from './sampleEvents.js';
import type { StraightPlan, StraightRate } from './straight.process.js';

interface Kind {
  readonly title: string;
  readonly events: readonly RawEvent[];
  readonly client: AppendPlan['client'];
}

const client = 'as Kopilka connects it';
const kinds: readonly Kind[] = [
  { title: 'one event of 300 B', events: [smallEvent], client },
  { title: 'a purchase of 5 lines, 2 events', events: storedPurchase, client },
  { title: 'one event, the client as published', events: [smallEvent], client: 'as published' },
];

/** At 64 in flight, one event, by either client. */
const bars = { ceilingShare: 0.9, perSecond: 8_000 };

/** Microseconds of an append, of both cores together. */
interface Spent {
  readonly client: number;
  /** The node with all its threads, or the program that writes straight. */
  readonly server: number;
  readonly postgres: number;
}

interface Measured {
  readonly kind: Kind;
  readonly inFlight: number;
  readonly node: Sample[];
  readonly memory: Sample[];
  readonly straight: StraightRate[];
  readonly spent: Record<'node' | 'memory' | 'straight', Spent[]>;
}

interface Summary {
  readonly title: string;
  readonly events: number;
  readonly inFlight: number;
  readonly node: Statistics;
  readonly memoryPerSecond: number;
  /** Appends, not rows. */
  readonly straightPerSecond: number;
  readonly rowsOfBatch: number;
  readonly ceilingPerSecond: number;
  readonly spentUs: Readonly<Record<'node' | 'memory' | 'straight', Spent>>;
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);

const mean = (spent: readonly Spent[]): Spent => {
  const of = (part: keyof Spent) => sum(spent.map((each) => each[part])) / spent.length;
  return { client: of('client'), server: of('server'), postgres: of('postgres') };
};

const split = (spent: Spent): string =>
  [spent.client, spent.server, spent.postgres].map(whole).join(' + ');

const together = ({ client, server, postgres }: Spent): number => client + server + postgres;

const summarised = ({ kind, inFlight, node, memory, straight, spent }: Measured): Summary => {
  const rows = sum(straight.map((rate) => rate.rows));
  const seconds = sum(straight.map((rate) => rate.seconds));
  const straightPerSecond = rows / seconds / kind.events.length;
  const memoryPerSecond = summarise(memory).perSecond;
  return {
    title: kind.title,
    events: kind.events.length,
    inFlight,
    node: summarise(node),
    memoryPerSecond,
    straightPerSecond,
    rowsOfBatch: rows / sum(straight.map((rate) => rate.batches)),
    ceilingPerSecond: 1 / (1 / memoryPerSecond + 1 / straightPerSecond),
    spentUs: {
      node: mean(spent.node),
      memory: mean(spent.memory),
      straight: mean(spent.straight),
    },
  };
};

/** Seconds of a program's own threads, and of the PostgreSQL below it. */
const secondsOf = (pid: number): { own: number; postgres: number } => {
  const times = [...cpuTimes([pid])];
  const of = (wanted: boolean) =>
    sum(times.map(([part, taken]) => ((part === 'PostgreSQL') === wanted ? taken : 0)));
  return { own: of(false), postgres: of(true) };
};

const verdictsOf = (appends: readonly Summary[]): string[] => {
  const said = (met: boolean, what: string) => `${met ? 'met   ' : 'MISSED'} ${what}`;
  return appends
    .filter(({ events, inFlight }) => events === 1 && inFlight === 64)
    .flatMap(({ title, node: { perSecond }, ceilingPerSecond }) => {
      const share = perSecond / ceilingPerSecond;
      return [
        said(
          share >= bars.ceilingShare,
          `${title}: append/ceiling at 64 >= ${bars.ceilingShare}: ${ratio(share)}`,
        ),
        said(
          perSecond >= bars.perSecond,
          `${title}: appends at 64 >= ${figure(bars.perSecond)}/s: ${figure(perSecond)}`,
        ),
      ];
    });
};

const run: Bench['run'] = async (options) => {
  const { cleanup, say, quick } = options;
  const seconds = options.seconds ?? (quick ? 1 : 4);
  const warmUpSeconds = quick ? 0.5 : 1.5;
  const rounds = options.rounds ?? (quick ? 1 : 2);
  const levels = options.connections ?? [1, 16, 64];

  const start = (module: string) => startChild(new URL(module, import.meta.url), cleanup);
  const dataDir = cleanup.folder('append');
  const node = start('./node.process.js');
  const { connectionString, postgres } = await node.ask<StartedNode>({ dataDir }, 60_000);
  const memory = start('./memory.process.js');
  const fromMemory = await memory.ask<string>({}, 10_000);
  // A client for each server: the client's pending appends are one table for its whole process.
  const clientsOf = () => ({
    node: start('./append.process.js'),
    memory: start('./append.process.js'),
  });
  const clients = { [client]: clientsOf(), 'as published': clientsOf() };
  const straight = start('./straight.process.js');

  /** What `run` takes of the processors, by append, where its PostgreSQL is always the node's. */
  const spending = async <Result>(
    pids: { readonly client?: number; readonly server: number },
    run: () => Promise<Result>,
    appendsOf: (result: Result) => number,
  ): Promise<[Result, Spent]> => {
    const look = () => ({
      client: pids.client === undefined ? 0 : secondsOf(pids.client).own,
      server: secondsOf(pids.server).own,
      postgres: pids.server === memory.pid ? 0 : secondsOf(node.pid).postgres,
    });
    const before = look();
    const result = await run();
    const after = look();
    const of = (part: keyof Spent) => ((after[part] - before[part]) * 1e6) / appendsOf(result);
    return [result, { client: of('client'), server: of('server'), postgres: of('postgres') }];
  };

  const measure = async ({ kind, inFlight, ...samples }: Measured, series: string) => {
    for (const against of ['memory', 'node'] as const) {
      const plan: AppendPlan = {
        connectionString: against === 'node' ? connectionString : fromMemory,
        client: kind.client,
        events: kind.events,
        streams: 2_000,
        series,
        inFlight,
        warmUpSeconds,
        seconds,
      };
      const deadlineMs = (seconds + warmUpSeconds + 40) * 1000;
      const [sample, spent] = await spending(
        {
          client: clients[kind.client][against].pid,
          server: (against === 'node' ? node : memory).pid,
        },
        () => clients[kind.client][against].ask<Sample>(plan, deadlineMs),
        ({ statuses }) => statuses[200] ?? 1,
      );
      samples[against].push(sample);
      samples.spent[against].push(spent);
      const rate = figure(sample.latenciesUs.length / seconds);
      say(`${kind.title}, ${inFlight} in flight, ${against}: ${rate}/s`);
    }
    const plan: StraightPlan = { ...postgres, series, events: kind.events, seconds };
    const [rate, spent] = await spending(
      { server: straight.pid },
      () => straight.ask<StraightRate>(plan, (seconds + 40) * 1000),
      ({ rows }) => rows / kind.events.length,
    );
    samples.straight.push(rate);
    samples.spent.straight.push(spent);
  };

  const all: Measured[] = levels.flatMap((inFlight) =>
    kinds.map((kind) => ({
      kind,
      inFlight,
      node: [],
      memory: [],
      straight: [],
      spent: { node: [], memory: [], straight: [] },
    })),
  );
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, measured] of all.entries()) await measure(measured, `${round}x${index}`);
  }

  const appends = kinds.flatMap((kind) =>
    all.filter((measured) => measured.kind === kind).map(summarised),
  );
  return {
    tables: [
      {
        title: 'appendToStream',
        head: ['', 'in flight', 'appends/s', 'of the rounds', 'p50 ms', 'p95 ms', 'p99 ms'],
        rows: appends.map(({ title, inFlight, node }) => [
          title,
          String(inFlight),
          figure(node.perSecond),
          `${figure(node.perSecondLowest)}-${figure(node.perSecondHighest)}`,
          ...[node.p50Ms, node.p95Ms, node.p99Ms].map(milliseconds),
        ]),
      },
      {
        title: 'Against the ceiling 1/(1/memory + 1/straight), in appends/s',
        head: ['', 'in flight', 'from memory', 'rows a batch', 'straight', 'ceiling', 'share'],
        rows: appends.map((each) => [
          each.title,
          String(each.inFlight),
          figure(each.memoryPerSecond),
          figure(each.rowsOfBatch),
          figure(each.straightPerSecond),
          figure(each.ceilingPerSecond),
          ratio(each.node.perSecond / each.ceilingPerSecond),
        ]),
      },
      {
        title:
          'Processor time of an append in us: client + node + PostgreSQL, and the ceiling made of two',
        head: ['', 'in flight', 'through the node', 'from memory', 'straight', 'ceiling/node'],
        rows: appends.map(({ title, inFlight, spentUs }) => [
          title,
          String(inFlight),
          split(spentUs.node),
          split(spentUs.memory),
          split(spentUs.straight),
          ratio((together(spentUs.memory) + together(spentUs.straight)) / together(spentUs.node)),
        ]),
      },
    ],
    figures: { seconds, rounds, appends },
    notes: verdictsOf(appends),
  };
};

export const append: Bench = {
  name: 'append',
  summary: 'the embedded log alone: appends with 1, 16 and 64 in flight, beside their ceilings',
  run,
};
