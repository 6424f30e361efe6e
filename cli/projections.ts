/** `kopilka projections`: where each read model stands. */
import type { Command } from 'commander';
import type { ProjectionShown } from '../api/admin/projections.js';
import { pause } from './http/retry.js';
import {
  type ConnectionOptions,
  openSession,
  type Session,
  withConnection,
} from './http/session.js';
import { type Interrupt, onInterrupt } from './interrupt.js';
import { colours } from './output/colours.js';
import { count, duration, moment } from './output/numbers.js';
import { table } from './output/table.js';

interface Options extends ConnectionOptions {
  readonly watch: boolean;
  readonly json: boolean;
}

export const addProjectionsCommand = (program: Command): void => {
  withConnection(program.command('projections'))
    .description('show position, lag and rate of every read model')
    .option('--watch', 'look again every second until Ctrl-C', false)
    .option('--json', 'print one JSON object a line', false)
    .addHelpText(
      'after',
      `
Lag is the age of the oldest event that is not applied yet. Events a second are
measured over one second.

Examples:
  kopilka projections
  kopilka projections --watch
  kopilka projections --json | jq -r 'select(.secondsBehind > 5) | .projection'`,
    )
    .action(showProjections);
};

export interface RatedProjection extends ProjectionShown {
  readonly eventsPerSecond: number | null;
}

const everyMs = 1_000;

const showProjections = async (options: Options): Promise<void> => {
  const session = await openSession(options);
  const interrupt = onInterrupt();
  try {
    for await (const projections of looks(session, options.watch, interrupt)) {
      if (options.json) {
        for (const projection of projections)
          process.stdout.write(`${JSON.stringify(projection)}\n`);
      } else {
        if (options.watch && process.stdout.isTTY) process.stdout.write('\u001b[H\u001b[2J');
        process.stdout.write(`${projectionsTable(projections)}\n`);
      }
    }
  } finally {
    interrupt.release();
    session.close();
  }
};

/** The first look only begins the measurement of rates. */
async function* looks(
  session: Session,
  watch: boolean,
  { signal }: Interrupt,
): AsyncGenerator<RatedProjection[]> {
  const look = async () => ({
    at: performance.now(),
    items: (await session.get<{ items: ProjectionShown[] }>('/admin/v1/projections')).items,
  });
  let before = await look();
  do {
    await pause(everyMs, signal);
    if (signal.aborted) return;
    const now = await look();
    const seconds = (now.at - before.at) / 1000;
    const past = new Map(before.items.map((item) => [`${item.projection}@${item.version}`, item]));
    yield now.items.map((item) => {
      const then = past.get(`${item.projection}@${item.version}`);
      const rate = then ? Math.max(0, Math.round((item.events - then.events) / seconds)) : null;
      return { ...item, eventsPerSecond: rate };
    });
    before = now;
  } while (watch && !signal.aborted);
}

export const projectionsTable = (projections: readonly RatedProjection[]): string => {
  const rows = projections.map((item) => [
    `${item.projection}@${item.version}`,
    item.lastError === null ? item.status : colours(process.stdout).red('failing'),
    count(item.position),
    count(item.behind),
    lagOf(item),
    count(item.events),
    item.eventsPerSecond === null ? '?' : count(item.eventsPerSecond),
    moment(item.updatedAt),
  ]);
  const faults = projections
    .filter(({ lastError }) => lastError !== null)
    .map(({ projection, version, lastError }) => `${projection}@${version}: ${lastError ?? ''}`);
  const columns = [
    { title: 'read model' },
    { title: 'status' },
    { title: 'position', align: 'right' },
    { title: 'behind', align: 'right' },
    { title: 'lag', align: 'right' },
    { title: 'events', align: 'right' },
    { title: 'events/s', align: 'right' },
    { title: 'updated (UTC)' },
  ] as const;
  return [table(columns, rows), ...faults].join('\n');
};

const lagOf = ({ secondsBehind }: ProjectionShown): string => {
  if (secondsBehind === null) return '?';
  return secondsBehind < 1 ? `${Math.round(secondsBehind * 1000)} ms` : duration(secondsBehind);
};
