/** `kopilka replay` and `kopilka replays`: rebuild a read model from the log, or see it as it was. */
import type { Command } from 'commander';
import type { JobShown } from '../api/admin/jobRoutes.js';
import { exitCodes, Failure } from './failure.js';
import { type ConnectionOptions, openSession, withConnection } from './http/session.js';
import { count, duration, moment } from './output/numbers.js';
import { table } from './output/table.js';
import { parseWhen } from './when.js';
import { watchJob } from './watchJob.js';

interface Options extends ConnectionOptions {
  readonly until?: string;
  readonly resume?: string;
  readonly json: boolean;
}

export const addReplayCommands = (program: Command): void => {
  withConnection(
    program
      .command('replay')
      .argument('<projection>', 'a read model, as kopilka projections lists it'),
  )
    .description('rebuild a read model from the log, or fill a schema with it as it was')
    .option('--until <place>', 'a time or a position: into a schema of its own, the live one stays')
    .option('--resume <schema>', 'go on with a replay that was broken off')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Without --until the read model is rebuilt beside the live one, which answers
meanwhile, and takes its place when it is ready. A time is when the log took an
event, not when the purchase happened; a day means its end, in UTC; 2h means two
hours ago.

Examples:
  kopilka replay balances
  kopilka replay balances --until 2026-03-01
  kopilka replay sales --until 2h
  kopilka replay balances --until 120000
  kopilka replay balances --resume replay_balances_1`,
    )
    .action(replayProjection);
  const replays = program.command('replays').description('list or drop what replays filled');
  withConnection(replays.command('list', { isDefault: true }))
    .description('list the schemas that replays filled')
    .option('--json', 'print one JSON object a line', false)
    .addHelpText('after', '\nExamples:\n  kopilka replays list\n  kopilka replays list --json')
    .action(listReplays);
  withConnection(replays.command('drop').argument('<schema>', 'as it is listed'))
    .description('drop the schema of a replay')
    .addHelpText('after', '\nExamples:\n  kopilka replays drop replay_balances_1')
    .action(dropReplay);
  replays.addHelpText(
    'after',
    '\nExamples:\n  kopilka replays\n  kopilka replays drop replay_balances_1',
  );
};

/** The body of the request. @throws Failure where `until` is neither a position nor a time. */
export const untilOf = (
  text: string,
  now: number,
): { position: string } | { recordedAt: string } => {
  if (/^\d{1,20}$/.test(text)) return { position: text };
  const at = parseWhen(text, now, true);
  if (at === null) {
    throw new Failure(`--until ${text} is neither a position nor a time.`, {
      exitCode: exitCodes.usage,
      advice: 'Write 120000, 2026-03-01, 2026-03-01T12:00Z or 2h.',
    });
  }
  return { recordedAt: new Date(at).toISOString() };
};

const replayProjection = async (projection: string, options: Options): Promise<void> => {
  const { until, resume } = options;
  const aside = until !== undefined || resume !== undefined;
  const session = await openSession(options);
  const startedAt = performance.now();
  try {
    const path = `/admin/v1/projections/${projection}`;
    const body = {
      ...(until !== undefined && untilOf(until, Date.now())),
      ...(resume !== undefined && { resume }),
    };
    const begun = aside
      ? await session.send<JobShown>({ method: 'POST', path: `${path}/replays`, body })
      : await session.send<JobShown>({ method: 'POST', path: `${path}/rebuilds` });
    const job = await watchJob(session, begun.body, (cancelled) =>
      aside && cancelled.progress
        ? `Go on with: kopilka replay ${projection} --resume ${cancelled.progress.schema}`
        : 'The live read model is as it was.',
    );
    const seconds = (performance.now() - startedAt) / 1000;
    if (options.json) process.stdout.write(`${JSON.stringify(job)}\n`);
    else process.stdout.write(aside ? filledText(job, seconds) : rebuiltText(job, seconds));
  } finally {
    session.close();
  }
};

interface Result {
  readonly events: number;
  readonly position: string;
  readonly schema?: string;
  readonly tables?: readonly string[];
}

const eventsIn = ({ events }: Result, seconds: number): string =>
  `${count(events)} events in ${duration(seconds)} (${count(Math.round(events / Math.max(seconds, 0.001)))}/s)`;

const rebuiltText = (job: JobShown, seconds: number): string => {
  const result = job.result as unknown as Result;
  return `Rebuilt ${job.projection} from ${eventsIn(result, seconds)}; it is live at position ${count(result.position)} and beyond.\n`;
};

const filledText = (job: JobShown, seconds: number): string => {
  const result = job.result as unknown as Result;
  const { schema = '', tables = [] } = result;
  const sql = `select * from ${schema}.${tables[0] ?? ''} limit 10`;
  return [
    `Filled ${schema} from ${eventsIn(result, seconds)}, up to position ${count(result.position)}.`,
    `Tables: ${tables.join(', ')}`,
    `Query it:  kopilka query "${sql}"`,
    `Drop it:   kopilka replays drop ${schema}`,
    '',
  ].join('\n');
};

interface ReplayShown {
  readonly schema: string;
  readonly status: string;
  readonly position: string;
  readonly events: number;
  readonly updatedAt: string;
}

const listReplays = async (options: ConnectionOptions & { json: boolean }): Promise<void> => {
  const session = await openSession(options);
  try {
    const { items } = await session.get<{ items: ReplayShown[] }>('/admin/v1/replays');
    if (options.json) {
      for (const item of items) process.stdout.write(`${JSON.stringify(item)}\n`);
    } else if (items.length === 0) {
      process.stdout.write('There are none. Make one with: kopilka replay balances --until 2h\n');
    } else {
      const columns = [
        { title: 'schema' },
        { title: 'status' },
        { title: 'position', align: 'right' },
        { title: 'events', align: 'right' },
        { title: 'updated (UTC)' },
      ] as const;
      const rows = items.map(({ schema, status, position, events, updatedAt }) => [
        schema,
        status,
        count(position),
        count(events),
        moment(updatedAt),
      ]);
      process.stdout.write(`${table(columns, rows)}\n`);
    }
  } finally {
    session.close();
  }
};

const dropReplay = async (schema: string, options: ConnectionOptions): Promise<void> => {
  const session = await openSession(options);
  try {
    await session.send({
      method: 'DELETE',
      path: `/admin/v1/replays/${encodeURIComponent(schema)}`,
    });
    process.stdout.write(`Dropped ${schema}.\n`);
  } finally {
    session.close();
  }
};
