/** `kopilka why`: the recorded explanation of a purchase. */
import type { Command } from 'commander';
import type { Why } from '../api/audit/why.js';
import { exitCodes, Failure } from './failure.js';
import { type ConnectionOptions, openSession, withConnection } from './http/session.js';
import { colours } from './output/colours.js';
import { moment, money } from './output/numbers.js';
import { summaryOf } from './eventsTable.js';

interface Options extends ConnectionOptions {
  readonly user?: string;
  readonly till?: string;
  readonly json: boolean;
}

export const addWhyCommand = (program: Command): void => {
  withConnection(program.command('why').argument('<purchase>', 'the number of the receipt'))
    .description('explain a purchase: what was decided about it, by whom, when and why')
    .option('--user <id>', 'the customer whose receipt it is')
    .option('--till <id>', 'instead of --user: the till, for an anonymous receipt')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Examples:
  kopilka why 536365 --user 8018001000000000000178505
  kopilka why 536544 --till importonlineretail --tenant onlineretail`,
    )
    .action(explain);
};

const explain = async (purchase: string, options: Options): Promise<void> => {
  const { user, till } = options;
  if ((user === undefined) === (till === undefined)) {
    throw new Failure('Whose receipt is it?', {
      exitCode: exitCodes.usage,
      advice: 'Give --user for a customer, or --till for an anonymous receipt.',
    });
  }
  const session = await openSession(options);
  try {
    const why = await session.get<Why>(
      `/audit/v1/purchases/${encodeURIComponent(purchase)}/why`,
      user === undefined ? { tillId: till } : { userId: user },
    );
    process.stdout.write(options.json ? `${JSON.stringify(why, null, 2)}\n` : whyText(why));
  } finally {
    session.close();
  }
};

const statusWords: Readonly<Record<Why['status'], string>> = {
  confirmed: 'confirmed',
  partlyReturned: 'returned in part',
  returned: 'returned',
  cancelled: 'cancelled',
};

export const whyText = (why: Why): string => {
  const { purchaseId, merchantId, currency, total, status, stream, steps } = why;
  const lines = [
    `${colours(process.stdout).bold(`Purchase ${purchaseId}`)} of ${money(total)} ${currency} at merchant ${merchantId}: ${statusWords[status]}.`,
    `Stream ${stream}`,
  ];
  for (const step of steps) {
    const { type, occurredAt, recordedAt, actor, correlationId, reasons, data } = step;
    const late = Math.abs(Date.parse(recordedAt) - Date.parse(occurredAt)) > 60_000;
    lines.push(
      '',
      `${colours(process.stdout).cyan(type)}  ${moment(occurredAt)}${late ? ` (recorded ${moment(recordedAt)})` : ''}  by ${actor.kind} ${actor.id}`,
      `  ${colours(process.stdout).dim(summaryOf(data, 110))}`,
      ...reasons.map(({ sentence }) => `  - ${sentence}`),
      `  ${colours(process.stdout).dim(`position ${step.position}, correlation ${correlationId}`)}`,
    );
  }
  return `${lines.join('\n')}\n`;
};
