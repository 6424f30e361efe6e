/** `kopilka listen`: what is published on a topic, for the developer of a partner, and to a receiver on their machine if they like. */
import { type Command, InvalidArgumentError } from 'commander';
import { limitArgument } from '../when.js';
import type { ListenOptions } from './listen.js';

/** Never null: commander takes that for an option without a value, and hands on an empty text. */
const afterArgument = (text: string): number | 'now' | 'start' => {
  if (text === 'now' || text === 'start') return text;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Must be a place, `now` or `start`');
};

const modeArgument = (text: string): 'structured' | 'binary' => {
  if (text === 'structured' || text === 'binary') return text;
  throw new InvalidArgumentError('Must be structured or binary');
};

export const addListenCommand = (program: Command): void => {
  program
    .command('listen')
    .description(
      'see what is published on a topic, as a partner; hand it to a receiver of your own',
    )
    .option('--topic <topic>', 'a topic that the partner owns or may see')
    .option('--subscription <id>', 'the topic, the filter and the secret of a subscription')
    .option('--token <token>', 'of the partner; others on this machine can see it: see below')
    .option('--token-file <file>', 'a file that holds it')
    .option('--url <url>', 'address of the exchange, instead of that of ready.json')
    .option(
      '--data <dir>',
      'data directory whose ready.json names it',
      process.env['KOPILKA_DATA'] || './data',
    )
    .option(
      '--after <place>',
      'go on after a place; now: only what is to come; start: everything',
      afterArgument,
    )
    .option('--state <file>', 'keep the last place in a file, and go on from there')
    .option('--filter <json>', 'a CloudEvents filter')
    .option('--forward <url>', 'post each event to a receiver, signed as the webhook would be')
    .option('--mode <mode>', 'how it is posted: structured or binary', modeArgument)
    .option('--secret <secret>', 'whsec_…, to sign with')
    .option('--secret-file <file>', 'a file that holds it')
    .option('--pull', 'pull, and do not try a stream', false)
    .option('--limit <n>', 'end after so many events', limitArgument)
    .option('--json', 'print one JSON object a line', false)
    .addHelpText(
      'after',
      `
The token is read from KOPILKA_PARTNER_TOKEN, the secret from
KOPILKA_WEBHOOK_SECRET, the address from KOPILKA_URL. Without --after only what
is to come is shown. Every place is heard, or said to be passed over; an
interrupted connection goes on where it was. Ctrl-C ends it and tells the last
place.

Examples:
  kopilka listen --topic cars_chosen
  kopilka listen --topic cars_chosen --after start --filter '{"exact":{"type":"com.motorhouse.car.chosen"}}' --json
  kopilka listen --subscription sub_4f… --state place.json --forward http://localhost:3000/hooks`,
    )
    .action(async (options: ListenOptions) => {
      // What it needs is more than all the other commands together: it is loaded when it is asked for.
      const { listen } = await import('./listen.js');
      await listen(options);
    });
};
