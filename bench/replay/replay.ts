/** How fast the balances are rebuilt from the log, beside the same rows going in by plain COPY. */
import { projectionNamed } from '../../projections/all.js';
import { schemaOf } from '../../projections/schema.js';
import type { Bench } from '../bench.js';
import { startFilled } from '../product/filled.js';
import { postgresUrl } from '../product/stores.js';
import { figure, ratio, whole } from '../table.js';
import { copySameRows } from './copy.js';

const rebuildDeadlineMs = 600_000;

interface Rebuilt {
  readonly events: number;
  readonly seconds: number;
}

const run: Bench['run'] = async (options) => {
  const { say, quick } = options;
  const rounds = options.rounds ?? (quick ? 1 : 3);
  const { product, shop, content, seconds } = await startFilled('replay', options);
  say(`filled in ${seconds.toFixed(1)} s`);

  const rebuilds: Rebuilt[] = [];
  const copies: Awaited<ReturnType<typeof copySameRows>>[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const { job, seconds: taken } = await shop.work('balances', 'rebuilds', rebuildDeadlineMs);
    const events = Number(job.result?.['events'] ?? 0);
    rebuilds.push({ events, seconds: taken });
    say(`round ${round}/${rounds}, rebuild: ${figure(events / taken)} events/s`);
    const copied = await copySameRows(postgresUrl(product), schemaOf(projectionNamed('balances')));
    copies.push(copied);
    say(`round ${round}/${rounds}, COPY: ${figure(copied.rows / copied.seconds)} rows/s`);
  }
  await product.stop();

  const rows = rebuilds.flatMap((rebuilt, index) => {
    const copied = copies[index];
    if (!copied) return [];
    const events = rebuilt.events / rebuilt.seconds;
    const written = copied.rows / rebuilt.seconds;
    const copiedRate = copied.rows / copied.seconds;
    return [
      [
        String(index + 1),
        whole(rebuilt.events),
        rebuilt.seconds.toFixed(2),
        figure(events),
        whole(copied.rows),
        figure(written),
        figure(copiedRate),
        ratio(written / copiedRate),
      ],
    ];
  });
  return {
    tables: [
      {
        title: 'Rebuild of balances, and its rows by COPY',
        head: [
          'round',
          'events',
          'seconds',
          'events/s',
          'rows',
          'rows/s rebuilt',
          'rows/s by COPY',
          'rebuilt/COPY',
        ],
        rows,
      },
    ],
    figures: { content, fillSeconds: seconds, rebuilds, copies },
    notes: [`The log holds ${content}, filled in ${seconds.toFixed(1)} s.`],
  };
};

export const replay: Bench = {
  name: 'replay',
  summary: 'the balances rebuilt from the log, beside plain COPY of the same rows',
  run,
};
