/**
 * What the samples say: a table of the rivals for each number of connections, and the bars.
 *
 * The limit 1/(1/a + 1/b) is the rate of a server that spends what the echo spends on HTTP and what the raw append spends on the
 * log, one after the other: there is nothing else left to save. The raw append is by the same client as Kopilka's, with all that Kopilka
 * changes of it; what it is by the client as published is shown beside it.
 */
import { type Sample, type Statistics, summarise } from '../load/latencies.js';
import { figure, milliseconds, ratio, type Table } from '../table.js';
import type { Rival, RivalName } from './rival.js';

export interface Level {
  readonly connections: number;
  readonly rivals: Partial<Record<RivalName, Statistics>>;
  readonly limitPerSecond: number | null;
  /** Kopilka's rate over the limit; the bar is 0.7 at 64 connections. */
  readonly ofLimit: number | null;
  /** The same by the client as published; no bar. */
  readonly ofPublishedLimit: number | null;
  /** Kopilka's rate over the transaction's; the bar is 1.5. */
  readonly ofCrud: number | null;
  /** And over that of the transaction tuned by hand; no bar. */
  readonly ofTuned: number | null;
  /** Kopilka's p99 over the transaction's; the bar is below 1. */
  readonly p99OfCrud: number | null;
}

export const bars = { connections: 64, ofLimit: 0.7, ofCrud: 1.5, p99OfCrud: 1 } as const;

const quotient = (one: number | null | undefined, other: number | null | undefined) =>
  one == null || other == null || other === 0 ? null : one / other;

export const judge = (
  connections: number,
  samples: ReadonlyMap<RivalName, readonly Sample[]>,
): Level => {
  const rivals = Object.fromEntries(
    [...samples].map(([name, own]) => [name, summarise(own)]),
  ) as Level['rivals'];
  const { product, echo, append, published, crud, tuned } = rivals;
  const limitBy = (log: Statistics | undefined): number | null =>
    echo && log ? 1 / (1 / echo.perSecond + 1 / log.perSecond) : null;
  const limitPerSecond = limitBy(append);
  return {
    connections,
    rivals,
    limitPerSecond,
    ofLimit: quotient(product?.perSecond, limitPerSecond),
    ofPublishedLimit: quotient(product?.perSecond, limitBy(published)),
    ofCrud: quotient(product?.perSecond, crud?.perSecond),
    ofTuned: quotient(product?.perSecond, tuned?.perSecond),
    p99OfCrud: quotient(product?.p99Ms, crud?.p99Ms),
  };
};

const range = ({ perSecondLowest, perSecondHighest }: Statistics): string =>
  `${figure(perSecondLowest)}-${figure(perSecondHighest)}`;

export const levelTable = (level: Level, rivals: readonly Rival[]): Table => ({
  title: `${level.connections} connection${level.connections === 1 ? '' : 's'}`,
  head: ['', 'requests/s', 'of the rounds', 'p50 ms', 'p95 ms', 'p99 ms', 'non-2xx'],
  rows: rivals.flatMap(({ name, title }) => {
    const own = level.rivals[name];
    if (!own) return [];
    const { perSecond, p50Ms, p95Ms, p99Ms, non2xx } = own;
    const latency = [p50Ms, p95Ms, p99Ms].map(milliseconds);
    return [[title, figure(perSecond), range(own), ...latency, String(non2xx)]];
  }),
});

const shown = (value: number | null, show: (value: number) => string): string =>
  value === null ? '-' : show(value);

export const barTable = (levels: readonly Level[]): Table => ({
  title: 'Against the limit 1/(1/a + 1/b) and the transaction',
  head: [
    'connections',
    'limit/s',
    'confirm/limit',
    'by (b-)',
    'confirm/(c)',
    'p99/(c) p99',
    'confirm/(c+)',
  ],
  rows: levels.map((level) => [
    String(level.connections),
    shown(level.limitPerSecond, figure),
    shown(level.ofLimit, ratio),
    shown(level.ofPublishedLimit, ratio),
    shown(level.ofCrud, ratio),
    shown(level.p99OfCrud, ratio),
    shown(level.ofTuned, ratio),
  ]),
});

/** A sentence for each bar, met or missed. */
export const barNotes = (levels: readonly Level[]): readonly string[] => {
  const level = levels.find(({ connections }) => connections === bars.connections);
  if (!level) return [];
  const verdict = (what: string, value: number | null, met: (value: number) => boolean) =>
    value === null ? [] : [`${met(value) ? 'met   ' : 'MISSED'} ${what}: ${ratio(value)}`];
  const refusals = levels.reduce((sum, { rivals }) => sum + (rivals.product?.non2xx ?? 0), 0);
  return [
    ...verdict('confirm/limit at 64 >= 0.7', level.ofLimit, (value) => value >= bars.ofLimit),
    ...verdict('confirm/(c) at 64 >= 1.5', level.ofCrud, (value) => value >= bars.ofCrud),
    ...verdict('p99 below that of (c) at 64', level.p99OfCrud, (value) => value < bars.p99OfCrud),
    `${refusals === 0 ? 'met   ' : 'MISSED'} answers other than 2xx: ${refusals}`,
  ];
};
