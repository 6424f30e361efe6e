/**
 * Job queues on the same PostgreSQL, with jobs that do nothing, filled beforehand. Each as its documentation has it fastest: one job at a time
 * for each of many workers, and in batches (graphile-worker's local queue with its batched completion; pg-boss's fetch and complete of many).
 */
import { run as runGraphile, runMigrations } from 'graphile-worker';
import pg from 'pg';
import PgBoss from 'pg-boss';
import { answerParent } from '../child.js';

export interface RivalPlan {
  readonly rival: 'graphile-worker' | 'pg-boss';
  readonly connectionString: string;
  readonly jobs: number;
  readonly mode: 'singly' | 'batches';
}
/** Jobs a second. */
export type RivalAnswer = number;

const concurrency = 24;
const batch = 500;
const silent = () => () => undefined;

const graphile = async ({ connectionString, jobs, mode }: RivalPlan): Promise<number> => {
  const { Logger } = await import('graphile-worker');
  const logger = new Logger(silent);
  const pool = new pg.Pool({ connectionString, max: concurrency + 4 });
  // As its documentation asks: for connections that lie idle, and for those in use.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => void client.on('error', () => undefined));
  await runMigrations({ pgPool: pool, logger });
  await pool.query(
    'select graphile_worker.add_jobs(array(select row($1, $2, null, null, null, null, null, null)::graphile_worker.job_spec from generate_series(1, $3)))',
    ['nothing', '{}', jobs],
  );
  await pool.query('vacuum analyze');
  let done = 0;
  let finished = (): void => undefined;
  const all = new Promise<void>((resolve) => (finished = resolve));
  const nothing = (): void => {
    done += 1;
    if (done === jobs) finished();
  };
  const started = performance.now();
  const runner = await runGraphile({
    pgPool: pool,
    noHandleSignals: true,
    taskList: { nothing },
    preset: {
      worker: {
        concurrentJobs: concurrency,
        pollInterval: 100,
        ...(mode === 'batches'
          ? { localQueue: { size: batch }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }
          : {}),
      },
    },
    logger,
  });
  await all;
  const left = async (): Promise<number> => {
    const { rows } = await pool.query<{ count: string }>(
      'select count(*) as count from graphile_worker.jobs',
    );
    return Number(rows[0]?.count ?? 0);
  };
  while ((await left()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const seconds = (performance.now() - started) / 1_000;
  await runner.stop();
  await pool.end();
  return jobs / seconds;
};

const boss = async ({ connectionString, jobs, mode }: RivalPlan): Promise<number> => {
  const one = new PgBoss({ connectionString, max: 10, supervise: false, schedule: false });
  one.on('error', () => undefined);
  await one.start();
  const name = `nothing_${mode}`;
  await one.createQueue(name);
  for (let from = 0; from < jobs; from += 1_000) {
    const count = Math.min(1_000, jobs - from);
    await one.insert(Array.from({ length: count }, () => ({ name, data: {} })));
  }
  const started = performance.now();
  const lane = async (): Promise<void> => {
    for (;;) {
      const found = await one.fetch(name, { batchSize: mode === 'singly' ? 1 : batch });
      if (!found || found.length === 0) return;
      await one.complete(
        name,
        found.map(({ id }) => id),
      );
    }
  };
  await Promise.all(Array.from({ length: mode === 'singly' ? 10 : 2 }, lane));
  const seconds = (performance.now() - started) / 1_000;
  await one.stop({ graceful: false });
  return jobs / seconds;
};

answerParent((plan: RivalPlan): Promise<RivalAnswer> =>
  plan.rival === 'pg-boss' ? boss(plan) : graphile(plan),
);
