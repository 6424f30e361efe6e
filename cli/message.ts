/** `kopilka message`: everything that happened to a message, and why. */
import type { Command } from 'commander';
import type { Timeline } from '../api/outreach/timeline.js';
import { type ConnectionOptions, openSession, withConnection } from './http/session.js';
import { colours } from './output/colours.js';
import { moment } from './output/numbers.js';

interface Options extends ConnectionOptions {
  readonly json: boolean;
}

export const addMessageCommand = (program: Command): void => {
  withConnection(program.command('message').argument('<message>', 'the number of the message'))
    .description('explain a message: when it went where by whom, what came of it, and why')
    .option('--json', 'print the answer as JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  kopilka message 0b5f1f2f7a0e5d1c9b6f0a3c2d4e6f80
  kopilka message 0b5f1f2f7a0e5d1c9b6f0a3c2d4e6f80 --json | jq '.steps[].sentence'`,
    )
    .action(tell);
};

const tell = async (message: string, options: Options): Promise<void> => {
  const session = await openSession(options);
  try {
    const path = `/admin/v1/outreach/messages/${encodeURIComponent(message)}/timeline`;
    const timeline = await session.get<Timeline>(path);
    process.stdout.write(
      options.json ? `${JSON.stringify(timeline, null, 2)}\n` : messageText(timeline),
    );
  } finally {
    session.close();
  }
};

const statusWords: Readonly<Record<Timeline['status'], string>> = {
  accepted: 'accepted',
  scheduled: 'waits for its time',
  queued: 'waits for its turn',
  inProgress: 'on its way',
  delivered: 'delivered',
  undelivered: 'not delivered',
  failed: 'failed',
  expired: 'expired',
  cancelled: 'cancelled',
  suppressed: 'not sent: its recipient is left alone',
};

const wellEnded = new Set<Timeline['status']>(['delivered', 'cancelled']);
const underWay = new Set<Timeline['status']>(['accepted', 'scheduled', 'queued', 'inProgress']);

const stepLines = (step: Timeline['steps'][number]): string[] => {
  const { bold, cyan, dim, yellow } = colours(process.stdout);
  const { recordedAt, sentence, details, flags, position, actor, code, type } = step;
  const about = [type, code ?? '', `by ${actor.kind} ${actor.id}`, `position ${position}`];
  return [
    '',
    `${cyan(moment(recordedAt))}  ${bold(sentence)}${flags.map((flag) => ` ${yellow(`[${flag}]`)}`).join('')}`,
    ...details.map((detail) => `  - ${detail}`),
    `  ${dim(about.filter(Boolean).join(', '))}`,
  ];
};

export const messageText = (timeline: Timeline): string => {
  const { bold, dim, green, red, yellow } = colours(process.stdout);
  const { messageId, status, digestedInto, fate, steps, leftOut, complete } = timeline;
  const paint = (of: Timeline['status']) =>
    underWay.has(of) ? yellow : wellEnded.has(of) ? green : red;
  const lines = [
    digestedInto === null
      ? `${bold(`Message ${messageId}`)}: ${paint(status)(statusWords[status])}.`
      : `${bold(`Message ${messageId}`)} goes out as a part of message ${digestedInto}.`,
    ...(fate === null ? [] : [`${paint(fate.status)(statusWords[fate.status])}: ${fate.sentence}`]),
    ...steps.flatMap(stepLines),
    ...(leftOut > 0
      ? ['', dim(`${leftOut} facts between the first and the latest are left out.`)]
      : []),
    ...(complete || leftOut > 0
      ? []
      : ['', dim('Only its request is known any more: the store of documents let the rest go.')]),
  ];
  return `${lines.join('\n')}\n`;
};
