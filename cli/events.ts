/** `kopilka events`: search the history of a programme. */
import type { Command } from 'commander';
import type { EventShown } from '../api/audit/eventShown.js';
import { eventsTable, writeNdjson } from './eventsTable.js';
import {
  type ConnectionOptions,
  openSession,
  type Session,
  withConnection,
} from './http/session.js';
import { onInterrupt } from './interrupt.js';
import { count } from './output/numbers.js';
import { limitArgument, timeArgument } from './when.js';

interface Options extends ConnectionOptions {
  readonly type?: string;
  readonly actor?: string;
  readonly since?: string;
  readonly until?: string;
  readonly correlation?: string;
  readonly before?: string;
  readonly limit: number;
  readonly json: boolean;
}

export const addEventsCommand = (program: Command): void => {
  withConnection(program.command('events'))
    .description('search the history of a programme, newest first')
    .option('--type <types>', 'types of events, separated by commas')
    .option(
      '--actor <actor>',
      'till, app, operator, partner, worker or system, or one of them: till:till1',
    )
    .option('--since <time>', 'recorded at or after', timeArgument(false))
    .option('--until <time>', 'recorded at or before', timeArgument(true))
    .option('--correlation <id>', 'everything that one request caused')
    .option('--before <position>', 'go on before this position')
    .option('--limit <n>', 'at most so many events', limitArgument, 50)
    .option('--json', 'print one JSON object a line', false)
    .addHelpText(
      'after',
      `
Times are of the log's clock: when an event was recorded. 2h means two hours
ago; a day is meant from its beginning (--since) or to its end (--until), in
UTC.

Examples:
  kopilka events --type PurchaseConfirmed --since 1h
  kopilka events --actor operator:owner --since 2026-03-01 --until 2026-03-02
  kopilka events --correlation 5f0c… --json
  kopilka events --type PointsAdjusted --limit 1000 --json | jq -r .data.reason`,
    )
    .action(searchEvents);
};

interface Page {
  readonly events: EventShown[];
  readonly next: string | null;
  readonly scanned: number;
}

const pageSize = 500;

const searchEvents = async (options: Options): Promise<void> => {
  const session = await openSession(options);
  const interrupt = onInterrupt();
  const found: EventShown[] = [];
  let next: string | null = options.before ?? null;
  let scanned = 0;
  try {
    do {
      const page: Page = await search(session, options, next, options.limit - found.length);
      found.push(...page.events);
      if (options.json) writeNdjson(page.events);
      scanned += page.scanned;
      next = page.next;
      if (process.stderr.isTTY) process.stderr.write(`\r${count(scanned)} events looked at`);
    } while (next !== null && found.length < options.limit && !interrupt.signal.aborted);
  } finally {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    interrupt.release();
    session.close();
  }
  if (options.json) return;
  if (found.length > 0) process.stdout.write(`${eventsTable(found)}\n`);
  else process.stdout.write(`Nothing found among ${count(scanned)} events.\n`);
  if (next !== null) process.stdout.write(`… and earlier ones: add --before ${next}\n`);
};

const search = (
  session: Session,
  { type, actor, since, until, correlation }: Options,
  before: string | null,
  limit: number,
): Promise<Page> =>
  session.get<Page>('/audit/v1/events', {
    type,
    actor,
    since,
    until,
    correlation,
    before: before ?? undefined,
    limit: Math.min(limit, pageSize),
  });
