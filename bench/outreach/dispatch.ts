/**
 * How many messages a second go through the queue to a provider that takes them at once: in calls of a hundred and singly, from a queue
 * filled beforehand. Beside them job queues on the same PostgreSQL in the same run, with jobs that do nothing.
 *
 * A message is decided on, recorded as begun before its call and as answered after it, and is over in the tables when it counts; a job of
 * the others is fetched, done and deleted or marked.
 */
import type { Bench } from '../bench.js';
import { startChild } from '../child.js';
import { postgresUrl } from '../product/stores.js';
import { ratio, whole } from '../table.js';
import { openProgramme, type Programme } from './programme.js';
import type { RivalAnswer, RivalPlan } from './rivals.process.js';

const bars = { singly: 1, batches: 3 } as const;
const modes = ['batches', 'singly'] as const;
type Mode = (typeof modes)[number];
const rivals = ['graphile-worker', 'pg-boss'] as const;
const deadlineMs = 300_000;
/** Without the other read models, which would take their share of the machine: the others have none. */
const senders = 'pos,admin,audit,exchange,outreach,workers';

const channelOf: Readonly<Record<Mode, string>> = { batches: 'sms', singly: 'email' };
const providerOf = (mode: Mode): object => ({
  providerId: `${mode}_one`,
  kind: 'sandbox',
  channel: channelOf[mode],
  ...(mode === 'batches'
    ? { settings: { batchMax: 100 }, concurrency: 8 }
    : { settings: { batchMax: 1 }, concurrency: 100 }),
});

const fill = async (programme: Programme, mode: Mode, messages: number): Promise<void> => {
  await programme.post('/admin/v1/outreach/providers', providerOf(mode));
  await programme.request(messages, {
    class: 'transactional',
    channel: channelOf[mode],
    until: 'accepted',
    text: { subject: 'News', text: 'Your order is on its way.' },
  });
};

const run: Bench['run'] = async (options) => {
  const { cleanup, quick, say, targets } = options;
  const wants = (name: string): boolean => targets === undefined || targets.includes(name);
  const messages = quick ? 1_000 : 20_000;
  const dataDir = cleanup.folder('dispatch');
  const rates: Record<Mode, number> = { batches: 0, singly: 0 };
  for (const mode of modes.filter(wants)) {
    // Nothing is sent where there are no workers.
    const filling = await openProgramme(
      { ...options, profileDir: undefined },
      dataDir,
      'pos,admin,audit,exchange,outreach,projections',
    );
    await fill(filling, mode, messages);
    await filling.stop();
    const sending = await openProgramme(options, dataDir, senders);
    const { firstAt, lastAt } = await sending.delivered(channelOf[mode], messages, deadlineMs);
    rates[mode] = (messages * 1_000) / (lastAt - firstAt);
    say(`${mode}: ${whole(rates[mode])} messages/s`);
    await sending.stop();
  }
  const beside = await openProgramme({ ...options, profileDir: undefined }, dataDir, 'all');
  const child = startChild(new URL('./rivals.process.js', import.meta.url), cleanup);
  const figures: Record<string, Record<Mode, number>> = {};
  for (const rival of rivals.filter(wants)) {
    const of: Record<Mode, number> = { batches: 0, singly: 0 };
    for (const mode of modes) {
      const plan: RivalPlan = {
        rival,
        mode,
        jobs: messages / (mode === 'singly' ? 10 : 1),
        connectionString: postgresUrl(beside.product),
      };
      of[mode] = await child.ask<RivalAnswer>(plan, deadlineMs);
      say(`${rival}, ${mode}: ${whole(of[mode])} jobs/s`);
    }
    figures[rival] = of;
  }
  const fastest = (mode: Mode) => Math.max(...rivals.map((rival) => figures[rival]?.[mode] ?? 0));
  const verdicts = modes.map((mode) => ({ mode, times: rates[mode] / fastest('singly') }));
  return {
    tables: [
      {
        title: 'Messages and jobs a second',
        head: ['', 'in batches', 'singly'],
        rows: [
          ['Kopilka, to the sandbox', whole(rates.batches), whole(rates.singly)],
          ...rivals.map((rival) => [
            `${rival}, jobs that do nothing`,
            whole(figures[rival]?.batches ?? 0),
            whole(figures[rival]?.singly ?? 0),
          ]),
        ],
      },
    ],
    figures: { messages, rates, rivals: figures },
    notes: [
      ...verdicts.map(
        ({ mode, times }) =>
          `${times >= bars[mode] ? 'met   ' : 'MISSED'} ${bars[mode]} times the faster of them singly, ${mode}: ${ratio(times)}`,
      ),
      `${ratio(rates.batches / fastest('batches'))} times the faster of them in batches`,
    ],
  };
};

export const dispatch: Bench = {
  name: 'dispatch',
  summary: 'messages a second through the queue to a provider, beside graphile-worker and pg-boss',
  run,
};
