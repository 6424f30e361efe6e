/** The three that Kopilka is held against: the least an HTTP server can do, the log alone, and the same purchase in tables. */
import type { Cleanup } from '../cleanup.js';
import { startChild } from '../child.js';
import type { Sample } from '../load/latencies.js';
import type { CrudPlan, CrudStarted } from './crud.process.js';
import type { AppendPlan, RawEvent } from '../append/append.process.js';
import type { Style } from './crud.js';
import type { Rival, Shooter } from './rival.js';

/** Connections of the CRUD rival. On two cores, 64 clients: 8, 16, 24 and 32 differ by less than one run from the next. */
const crudPoolSize = 16;

export const startEcho = async (shoot: Shooter, cleanup: Cleanup): Promise<Rival> => {
  const child = startChild(new URL('./echo.process.js', import.meta.url), cleanup);
  const url = await child.ask<string>({}, 10_000);
  return {
    name: 'echo',
    title: '(a) Express echoes the JSON',
    pids: [child.pid],
    measure: (load) => shoot(url, {}, load),
  };
};

const crudTitles: Readonly<Record<Style, string>> = {
  usual: '(c) CRUD transaction with pg',
  tuned: '(c+) the same, tuned by hand',
};

export const startCrud = async (
  shoot: Shooter,
  style: Style,
  users: readonly string[],
  cleanup: Cleanup,
): Promise<Rival> => {
  const dataDir = cleanup.folder(`crud-${style}`);
  const child = startChild(new URL('./crud.process.js', import.meta.url), cleanup);
  const plan: CrudPlan = { dataDir, users, poolSize: crudPoolSize, style };
  const { url } = await child.ask<CrudStarted>(plan, 60_000);
  return {
    name: style === 'usual' ? 'crud' : 'tuned',
    title: crudTitles[style],
    pids: [child.pid],
    measure: (load) => shoot(url, {}, load),
  };
};

const appends: Readonly<Record<AppendPlan['client'], Pick<Rival, 'name' | 'title'>>> = {
  'as Kopilka connects it': { name: 'append', title: '(b) raw appendToStream' },
  'as published': { name: 'published', title: '(b-) the same, the client as published' },
};

export const startRawAppend = (
  client: AppendPlan['client'],
  log: { readonly connectionString: string; readonly events: readonly RawEvent[] },
  streams: number,
  /** The process that the event store runs in. */
  node: number,
  cleanup: Cleanup,
): Rival => {
  const child = startChild(new URL('../append/append.process.js', import.meta.url), cleanup);
  return {
    ...appends[client],
    pids: [child.pid, node],
    measure: ({ connections, warmUpSeconds, seconds, series }) => {
      const plan: AppendPlan = {
        ...log,
        client,
        streams,
        series,
        inFlight: connections,
        warmUpSeconds,
        seconds,
      };
      return child.ask<Sample>(plan, (warmUpSeconds + seconds + 40) * 1000);
    },
  };
};
