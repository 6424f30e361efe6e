/**
 * The timeline of a message for people. A message that waits long is held again and again for one reason: holds that say the same are told
 * once, with how often and from when to when. Whoever wants each fact asks for JSON.
 */
import type { Timeline } from '../api/outreach/timeline.js';
import { colours } from './output/colours.js';
import { count, moment } from './output/numbers.js';

type Step = Timeline['steps'][number];

const statusWords: Readonly<Record<Timeline['status'], string>> = {
  accepted: 'accepted',
  scheduled: 'waits for its time',
  queued: 'waits for its turn',
  inProgress: 'on its way',
  delivered: 'delivered',
  undelivered: 'not delivered',
  failed: 'failed',
  expired: 'expired',
  digested: 'goes out as a part of another',
  cancelled: 'cancelled',
  suppressed: 'not sent: its recipient is left alone',
};

/** A turn that comes again is another thing to wait for than the first. */
const statusOf = ({ status, steps }: Timeline): string => {
  const { type, code } = steps.findLast((step) => step.attempt !== null) ?? {};
  const isAgain = status === 'queued' && type === 'AttemptsAnswered' && code !== 'unknownOutcome';
  return isAgain ? 'is to be tried again' : statusWords[status];
};

const wellEnded = new Set<Timeline['status']>(['delivered', 'cancelled']);
const underWay = new Set<Timeline['status']>(['accepted', 'scheduled', 'queued', 'inProgress']);

/** Steps in a row that say the same, but for when. */
type Run = readonly [Step, ...Step[]];

/** What two holds have in common that are told as one. */
const saidBy = ({ type, code, actor, details, flags }: Step): string =>
  JSON.stringify([type, code, actor, details, flags]);

const runsOf = (steps: readonly Step[]): readonly Run[] => {
  const runs: [Step, ...Step[]][] = [];
  for (const step of steps) {
    const run = runs.at(-1);
    const isAgain = run && step.type === 'MessagesHeld' && saidBy(run[0]) === saidBy(step);
    if (isAgain) run.push(step);
    else runs.push([step]);
  }
  return runs;
};

const runLines = (run: Run): string[] => {
  const { bold, cyan, dim, yellow } = colours(process.stdout);
  const first = run[0];
  const last = run.at(-1) ?? first;
  const { sentence, details, flags, actor, code, type } = last;
  const times = run.length > 1 ? `${count(run.length)} times in a row, ` : '';
  const [since, until] = [moment(first.recordedAt), moment(last.recordedAt)];
  const when = run.length > 1 ? `${since} to ${until}` : until;
  const place = run.length > 1 ? `positions ${first.position} to ` : 'position ';
  const about = [type, code ?? '', `by ${actor.kind} ${actor.id}`, `${place}${last.position}`];
  return [
    '',
    `${cyan(when)}  ${bold(sentence)}${flags.map((flag) => ` ${yellow(`[${flag}]`)}`).join('')}`,
    ...details.map((detail) => `  - ${detail}`),
    `  ${dim(`${times}${about.filter(Boolean).join(', ')}`)}`,
  ];
};

export const messageText = (timeline: Timeline): string => {
  const { bold, dim, green, red, yellow } = colours(process.stdout);
  const { messageId, status, digestedInto, fate, advice, steps, leftOut, complete } = timeline;
  const paint = (of: Timeline['status']) =>
    underWay.has(of) ? yellow : wellEnded.has(of) ? green : red;
  const lines = [
    digestedInto === null
      ? `${bold(`Message ${messageId}`)}: ${paint(status)(statusOf(timeline))}.`
      : `${bold(`Message ${messageId}`)} goes out as a part of message ${digestedInto}.`,
    ...(fate === null ? [] : [`${paint(fate.status)(statusWords[fate.status])}: ${fate.sentence}`]),
    ...runsOf(steps).flatMap(runLines),
    ...(leftOut > 0
      ? ['', dim(`${leftOut} facts between the first and the latest are left out.`)]
      : []),
    ...(complete || leftOut > 0
      ? []
      : ['', dim('Only its request is known any more: the store of documents let the rest go.')]),
    ...(advice == null ? [] : ['', yellow(advice)]),
  ];
  return `${lines.join('\n')}\n`;
};
