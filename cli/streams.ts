/** `kopilka streams`: the history of one thing. */
import type { Command } from 'commander';
import type { EventShown } from '../api/audit/eventShown.js';
import { streamTable, writeNdjson } from './eventsTable.js';
import { type ConnectionOptions, openSession, withConnection } from './http/session.js';
import { limitArgument } from './when.js';

interface Options extends ConnectionOptions {
  readonly backwards: boolean;
  readonly from?: number;
  readonly limit: number;
  readonly json: boolean;
}

export const addStreamsCommand = (program: Command): void => {
  withConnection(program.command('streams').argument('<stream>', '<category>-<tenant>.<id>'))
    .description('read a stream: what happened to one account, till, merchant …')
    .option('--backwards', 'newest first', false)
    .option('--from <revision>', 'begin at this revision', Number)
    .option('--limit <n>', 'at most so many events', limitArgument, 100)
    .option('--json', 'print one JSON object a line', false)
    .addHelpText(
      'after',
      `
Categories, among others: account (a customer), sales (anonymous receipts of a
till), till, merchant, pointofsale, app, operator, product, card, programme,
tenant, campaign, coupon, partner, topic, subscription, message (an outbound
one), template, strategy, provider. kopilka events shows the stream of every
event.

Examples:
  kopilka streams account-demo.8018000000000000000000013
  kopilka streams programme-demo.rule --json
  kopilka streams till-demo.till1 --backwards --limit 5`,
    )
    .action(readStream);
};

interface Page {
  readonly events: EventShown[];
  readonly next: number | null;
}

const pageSize = 500;

const readStream = async (stream: string, options: Options): Promise<void> => {
  const session = await openSession(options);
  try {
    const all: EventShown[] = [];
    let from: number | null | undefined = options.from;
    do {
      const limit = Math.min(pageSize, options.limit - all.length);
      const page: Page = await session.get(`/audit/v1/streams/${encodeURIComponent(stream)}`, {
        direction: options.backwards ? 'backwards' : 'forwards',
        from: from ?? undefined,
        limit,
      });
      all.push(...page.events);
      if (options.json) writeNdjson(page.events);
      from = page.next;
    } while (from !== null && all.length < options.limit);
    if (options.json) return;
    if (all.length === 0) process.stdout.write(`There is nothing in ${stream}.\n`);
    else process.stdout.write(`${streamTable(all)}\n`);
    if (from !== null)
      process.stdout.write(`… and more: add --from ${from} or a larger --limit.\n`);
  } finally {
    session.close();
  }
};
