/**
 * Codes of coupons on one core: a million into CSV, as the console exports them, and 100,000 looked up as a till shows them, among
 * forgeries too. The known figure to beat is 100,000 generated in 60 s.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { csvOf } from '../../api/admin/codesFile.js';
import { createCouponKeys } from '../../commands/coupon/keys.js';
import { createCoupons } from '../../commands/coupons.js';
import { printed, type SeriesCodes } from '../../domain/coupon/codes.js';
import type { SeriesId } from '../../domain/coupon/ids.js';
import type { OpenedSeries, SeriesEvent } from '../../domain/coupon/series.js';
import type { Fact } from '../../domain/fact.js';
import type { TenantId } from '../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../platform/memory/personalKeys.js';
import type { Bench } from '../bench.js';
import { figure, type Table, whole } from '../table.js';

const tenant = 'bench' as TenantId;
const knownPerSecond = 100_000 / 60;
const roundsUsual = 3;

const opened: OpenedSeries = {
  seriesId: 'bench' as SeriesId,
  number: 1,
  name: 'Bench',
  kind: 'singleUse',
  word: null,
  terms: {
    validFrom: null,
    validUntil: null,
    validDays: null,
    merchants: null,
    codesMost: 1_000_000_000,
    usesMost: null,
    usesPerCustomerMost: null,
  },
};

/** A directory of one series with `count` codes issued. */
const seriesWith = async (count: number) => {
  const coupons = createCoupons(createCouponKeys(createMemoryPersonalKeys()));
  const events: SeriesEvent[] = [
    { type: 'CouponSeriesOpened', data: opened },
    { type: 'CouponCodesIssued', data: { first: 0, count } },
  ];
  const metadata = { tenant, occurredAt: new Date(0).toISOString() };
  for (const event of events) {
    coupons.apply({ ...event, stream: `series-${tenant}.bench`, metadata } as unknown as Fact);
  }
  const series = coupons.series(tenant, 'bench');
  if (!series) throw new Error('The series was not opened.');
  return { coupons, codes: await coupons.codesOf(tenant, series) };
};

const exported = async (codes: SeriesCodes, count: number, file: string) => {
  const out = createWriteStream(file);
  const started = performance.now();
  let bytes = 0;
  for await (const piece of csvOf(codes, 0, count)) {
    bytes += piece.length;
    if (!out.write(piece)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return { seconds: (performance.now() - started) / 1_000, bytes };
};

const run: Bench['run'] = async ({ quick, rounds = roundsUsual, cleanup, say }) => {
  const count = quick ? 20_000 : 1_000_000;
  const checked = quick ? 2_000 : 100_000;
  const folder = cleanup.folder('coupons');
  const { coupons, codes } = await seriesWith(count);
  const typed = codes.codes(0, checked).map(printed);
  const forged = typed.map((code) => code.slice(0, -1) + (code.endsWith('0') ? '1' : '0'));

  const lookUp = async (shown: readonly string[], right: boolean): Promise<number> => {
    const started = performance.now();
    for (const code of shown) {
      if (((await coupons.find(tenant, code)) !== null) !== right) {
        throw new Error(`${code} was taken for ${right ? 'a forgery' : 'a code'}.`);
      }
    }
    return (performance.now() - started) / 1_000;
  };

  const seconds = { csv: [] as number[], found: [] as number[], refused: [] as number[] };
  let bytes = 0;
  for (let round = 0; round < rounds; round += 1) {
    const written = await exported(codes, count, join(folder, `${round}.csv`));
    bytes = written.bytes;
    seconds.csv.push(written.seconds);
    seconds.found.push(await lookUp(typed, true));
    seconds.refused.push(await lookUp(forged, false));
    say(`round ${round + 1}: ${whole(count)} codes in ${written.seconds.toFixed(2)} s`);
  }

  const median = (of: readonly number[]) => [...of].sort((a, b) => a - b)[of.length >> 1] as number;
  const row = (name: string, codesEach: number, of: readonly number[]): string[] => [
    name,
    whole(codesEach),
    median(of).toFixed(2),
    figure(codesEach / median(of)),
    figure(codesEach / median(of) / knownPerSecond),
  ];
  const table: Table = {
    title: `Codes of coupons, the median of ${rounds} rounds`,
    head: ['', 'codes', 's', 'codes/s', '× 100,000 in 60 s'],
    rows: [
      row('derived and written as CSV', count, seconds.csv),
      row('looked up, right ones', checked, seconds.found),
      row('looked up, forged ones', checked, seconds.refused),
    ],
  };
  return {
    tables: [table],
    figures: { codes: count, checked, bytes, seconds, knownPerSecond },
    notes: [`The file has ${whole(bytes)} bytes; every forgery was refused.`],
  };
};

export const coupons: Bench = {
  name: 'coupons',
  summary: 'a million codes of coupons into CSV, 100,000 looked up',
  run,
};
