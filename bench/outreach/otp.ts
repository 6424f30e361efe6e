/**
 * How long a one-time password takes from the moment it is recorded as accepted until it is on the socket of its provider: when nothing else
 * is to be done, while another programme's 100,000 marketing messages are being filed and sent as they come, and while as many that waited for
 * their provider are being sent as fast as they go.
 */
import type { Bench } from '../bench.js';
import { startChild } from '../child.js';
import { ratio } from '../table.js';
import { openBulk } from './bulk.js';
import { openProgramme, type Programme } from './programme.js';
import type { Arrivals } from './receiver.process.js';

const bar = 1.5;
const everyMs = 40;
const deadlineMs = 60_000;
const settleMs = 5_000;

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  readonly sent: number;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const run: Bench['run'] = async (options) => {
  const { cleanup, quick, say } = options;
  const samples = quick ? 20 : 500;
  const backlog = quick ? 10_000 : 100_000;
  const receiver = startChild(new URL('./receiver.process.js', import.meta.url), cleanup);
  const url = await receiver.ask<string>({ ask: 'open' }, deadlineMs);
  const programme = await openProgramme(
    options,
    cleanup.folder('otp'),
    'pos,admin,audit,exchange,outreach,workers',
    'info',
  );
  const { post, pool, product } = programme;
  await post('/admin/v1/outreach/providers', {
    providerId: 'otp_one',
    kind: 'http',
    channel: 'sms',
    concurrency: 16,
    settings: {
      request: { url, body: { to: '{{to}}', text: '{{text}}', reference: '{{clientReference}}' } },
    },
  });
  const bulk = await openBulk(product, cleanup);

  const measure = async (
    from: number,
    onRequested = (): Promise<void> => Promise.resolve(),
  ): Promise<Figures> => {
    const ids: string[] = [];
    for (let count = 0; count < samples; count += 1) {
      const { messageId } = await one(programme, from + count);
      ids.push(messageId);
      await pause(everyMs);
    }
    await onRequested();
    const found: Record<string, number> = {};
    const giveUpAt = performance.now() + deadlineMs;
    while (ids.some((id) => found[id] === undefined)) {
      Object.assign(found, await receiver.ask<Arrivals>({ ask: 'arrivals' }, deadlineMs));
      if (performance.now() > giveUpAt) throw new Error('not all passwords came in time');
      await pause(20);
    }
    const known = () =>
      pool.query<{ id: string; at: number }>(
        `select replace(message_id::text, '-', '') as id, (state::jsonb ->> 'acceptedAt')::float as at
         from read.outbox_messages where message_id = any ($1::uuid[])`,
        [ids],
      );
    let { rows } = await known();
    // They were sent before the tables knew them.
    const knownBy = performance.now() + 5 * deadlineMs;
    while (rows.length < ids.length) {
      if (performance.now() > knownBy) throw new Error('not all passwords are in the tables');
      await pause(200);
      ({ rows } = await known());
    }
    const waits = rows.map(({ id, at }) => (found[id] ?? 0) - at).sort((a, b) => a - b);
    return {
      p50: quantile(waits, 0.5),
      p99: quantile(waits, 0.99),
      most: waits.at(-1) ?? 0,
      sent: waits.length,
    };
  };

  const sentOf = async (): Promise<number> => {
    const { rows } = await pool.query<{ count: string }>(
      `select count(*) as count from read.outbox_messages where tenant = 'bulk' and status = 'delivered'`,
    );
    return Number(rows[0]?.count ?? 0);
  };

  const queuedOf = async (): Promise<number> => {
    const { rows } = await pool.query<{ count: string }>(
      `select count(*) as count from read.outbox_messages where tenant = 'bulk'`,
    );
    return Number(rows[0]?.count ?? 0);
  };

  /** Without a look into tables that the passwords would wait for. */
  const calledOf = async (): Promise<number> => {
    const metrics = await fetch(`${product.url}/metrics`).then((response) => response.text());
    const lines = metrics.matchAll(/^outreach_attempts_total\{provider="bulk_one".*\} (\d+)$/gm);
    return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
  };

  await measure(0);
  const idle = await measure(1_000);
  say(`idle: p50 ${idle.p50} ms, p99 ${idle.p99} ms`);
  await bulk.request(backlog);
  const arriving = performance.now();
  const flooded = await measure(3_000);
  say(`as the backlog arrives: p50 ${flooded.p50} ms, p99 ${flooded.p99} ms`);
  const until = async (holds: () => Promise<boolean>, lookMs = 500): Promise<void> => {
    while (!(await holds()) && performance.now() - arriving < 10 * deadlineMs) await pause(lookMs);
  };
  await until(async () => (await sentOf()) >= backlog);
  // As many once more, none of which is sent before all are there.
  await bulk.hold();
  await bulk.request(backlog);
  await until(async () => (await queuedOf()) >= 2 * backlog);
  await bulk.goOn();
  await until(async () => (await calledOf()) > backlog, 100);
  let [before, startedAt, bulkRate, left] = [0, 0, 0, 0];
  // Until the first password comes they are sent at full speed.
  const settled = pause(settleMs).then(async () => {
    before = await calledOf();
    startedAt = performance.now();
  });
  const busy = await measure(2_000, async () => {
    await settled;
    const sent = await calledOf();
    bulkRate = (1_000 * (sent - before)) / Math.max(1, performance.now() - startedAt);
    left = 2 * backlog - sent;
  });
  if (left <= 0) throw new Error('the backlog was sent before the passwords were');
  say(`under the backlog: p50 ${busy.p50} ms, p99 ${busy.p99} ms; ${left} were left`);
  const times = Math.max(flooded.p99, busy.p99) / idle.p99;
  const row = (name: string, { p50, p99, most, sent }: Figures): string[] => [
    ...[name, String(sent), `${p50} ms`, `${p99} ms`, `${most} ms`],
  ];
  return {
    tables: [
      {
        title: 'From acceptance to the socket of the provider',
        head: ['', 'passwords', 'p50', 'p99', 'most'],
        rows: [
          row('idle', idle),
          row(`while ${backlog} marketing messages are filed`, flooded),
          row('while they are sent', busy),
        ],
      },
    ],
    figures: { idle, flooded, busy, backlog, bulkRate, left },
    notes: [
      `${times <= bar ? 'met   ' : 'MISSED'} p99 at most ${bar} times that of idle, in either: ${ratio(times)}`,
      `${Math.round(bulkRate)} marketing messages/s meanwhile; ${left} of ${backlog} were left at the end`,
    ],
  };
};

const one = (programme: Programme, number: number): Promise<{ readonly messageId: string }> =>
  programme.post('/outreach/v1/messages', {
    class: 'otp',
    channel: 'sms',
    until: 'accepted',
    text: { text: `Your code is ${number}` },
    recipient: { phone: `+3712${String(2_000_000 + number)}` },
  });

export const otp: Bench = {
  name: 'otp',
  summary: 'from acceptance to the socket of the provider, idle and beside a backlog of marketing',
  run,
};
