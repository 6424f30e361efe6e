/** `kopilka message`: everything that happened to a message, and why. */
import type { Command } from 'commander';
import type { Timeline } from '../api/outreach/timeline.js';
import { type ConnectionOptions, openSession, withConnection } from './http/session.js';
import { messageText } from './messageText.js';

interface Options extends ConnectionOptions {
  readonly json: boolean;
}

export const addMessageCommand = (program: Command): void => {
  withConnection(program.command('message').argument('<message>', 'the number of the message'))
    .description('explain a message: when it went where by whom, what came of it, and why')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Holds in a row that say the same are told once; --json has each of them.

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
