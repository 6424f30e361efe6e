/** `kopilka verify`: proves that the read models are what the log says. */
import type { Command } from 'commander';
import type { JobShown } from '../api/admin/jobRoutes.js';
import type { ProjectionShown } from '../api/admin/projections.js';
import { exitCodes } from './failure.js';
import {
  type ConnectionOptions,
  openSession,
  type Session,
  withConnection,
} from './http/session.js';
import { colours } from './output/colours.js';
import { count } from './output/numbers.js';
import { table } from './output/table.js';
import { watchJob } from './watchJob.js';

interface Options extends ConnectionOptions {
  readonly json: boolean;
}

export const addVerifyCommand = (program: Command): void => {
  withConnection(program.command('verify').argument('[projections...]', 'all of them by default'))
    .description('compare read models row by row with a whole replay of the log')
    .option('--json', 'print one JSON object a line', false)
    .addHelpText(
      'after',
      `
The live read models answer meanwhile. Exit code 1 where a row differs.

Examples:
  kopilka verify
  kopilka verify balances sales --json`,
    )
    .action(verify);
};

interface Difference {
  readonly table: string;
  readonly liveOnly: number;
  readonly replayOnly: number;
  readonly samples: readonly string[];
}
interface Verified {
  readonly projection: string;
  readonly position: string;
  readonly rows: Readonly<Record<string, number>>;
  readonly differences: readonly Difference[];
}

const verify = async (projections: readonly string[], options: Options): Promise<void> => {
  const session = await openSession(options);
  try {
    const names = projections.length > 0 ? projections : await liveProjections(session);
    const results: Verified[] = [];
    for (const projection of names) {
      const path = `/admin/v1/projections/${projection}/verifications`;
      const begun = await session.send<JobShown>({ method: 'POST', path });
      const { result } = await watchJob(session, begun.body);
      const verified = { projection, ...(result as unknown as Omit<Verified, 'projection'>) };
      results.push(verified);
      if (options.json) process.stdout.write(`${JSON.stringify(verified)}\n`);
    }
    if (!options.json) process.stdout.write(`${verifiedText(results)}\n`);
    if (results.some(({ differences }) => differences.length > 0))
      process.exitCode = exitCodes.failed;
  } finally {
    session.close();
  }
};

const liveProjections = async (session: Session): Promise<string[]> => {
  const { items } = await session.get<{ items: ProjectionShown[] }>('/admin/v1/projections');
  return items.filter(({ status }) => status === 'live').map(({ projection }) => projection);
};

export const verifiedText = (results: readonly Verified[]): string => {
  const rows = results.map(({ projection, position, rows: compared, differences }) => [
    projection,
    count(position),
    count(Object.values(compared).reduce((sum, number) => sum + number, 0)),
    differences.length === 0
      ? colours(process.stdout).green('equal')
      : colours(process.stdout).red(
          differences
            .map(
              ({ table: name, liveOnly, replayOnly }) =>
                `${name}: ${liveOnly} only live, ${replayOnly} only replayed`,
            )
            .join('; '),
        ),
  ]);
  const samples = results.flatMap(({ differences }) =>
    differences.flatMap(({ samples: rowsShown }) => rowsShown),
  );
  const columns = [
    { title: 'read model' },
    { title: 'position', align: 'right' },
    { title: 'rows', align: 'right' },
    { title: 'compared with the log' },
  ] as const;
  return [table(columns, rows), ...samples].join('\n');
};
