/**
 * Several processes that deliver the subscriptions of one log: they share the leases, one of them is killed and its leases end, and nothing
 * is lost, out of order, or sent by two at a time where order was asked for.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Worker } from 'node:worker_threads';
import type { SubscriptionTerms } from '../../../domain/subscription/events.js';
import { openDeliveriesThread } from '../../../platform/compose/deliveriesThread.js';
import { createMetrics } from '../../../platform/metrics.js';
import type { Logger } from '../../../platform/logging.js';
import { type Bank, openBank } from './bank.js';
import { eventually } from '../ownLog.js';
import { choices, deliver, type Delivering, type Exchange, startExchange } from './exchange.js';

const keys = 3;
const leaseMs = 1_200;

interface Watched {
  readonly bank: Bank;
  readonly terms: SubscriptionTerms;
  /** Requests of one key that were under way at the same moment. */
  readonly together: number[];
}

describe('deliveries that are shared', function () {
  this.timeout(120_000);
  let exchange: Exchange;
  const banks: Bank[] = [];
  const stops: (() => Promise<unknown>)[] = [];

  before(async () => {
    exchange = await startExchange({ delays: [0, 200, 300, 400], leaseMs });
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });
  after(async () => {
    await exchange.stop();
    await Promise.all(banks.map((bank) => bank.stop()));
  });

  const keyOf = (body: string): string => /customer:\d+/.exec(body)?.[0] ?? '';
  /** Takes a while to answer, so that two at a time would be seen. */
  const watch = async (name: string, after: number | null): Promise<Watched> => {
    const underWay = new Map<string, Set<ServerResponse>>();
    const together: number[] = [];
    const bank = await openBank(({ body }, response) => {
      const key = keyOf(body);
      const of = underWay.get(key) ?? new Set();
      underWay.set(key, of.add(response));
      together.push(of.size);
      // Also where whoever asked is killed meanwhile.
      response.once('close', () => of.delete(response));
      setTimeout(() => response.writeHead(200).end(), 8);
    });
    banks.push(bank);
    const terms = await exchange.subscribe(name, bank.url, {
      ...{ order: { by: 'key', onFailure: 'block' }, from: { kind: 'place', after } },
    });
    return { bank, terms, together };
  };
  const hasAll = (all: readonly Watched[], count: number) => () =>
    all.every(({ bank }) => bank.ids().length >= count);

  const startWorker = async (): Promise<ChildProcess> => {
    const file = fileURLToPath(new URL('./worker.process.js', import.meta.url));
    const worker = fork(file, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    stops.push(() => Promise.resolve(worker.kill('SIGKILL')));
    worker.send(exchange.settings);
    await once(worker, 'message');
    return worker;
  };
  const heldBy = async (): Promise<Map<string, number>> => {
    const { rows } = await exchange.pool.query<{ owner: string; count: number }>(
      'select owner, count(*)::int as count from kopilka.delivery_leases where held_until > now() group by owner',
    );
    return new Map(rows.map(({ owner, count }) => [owner, count]));
  };
  const assertInOrder = ({ bank, terms, together }: Watched): void => {
    const numbers = bank.ids().map((id) => Number(id.split('-')[1]));
    for (let key = 0; key < keys; key += 1) {
      const ofKey = numbers.filter((number) => number % keys === key);
      expect(ofKey, terms.subscriptionId).to.deep.equal([...ofKey].sort((a, b) => a - b));
    }
    expect(Math.max(...together), `${terms.subscriptionId}: of one key at a time`).to.equal(1);
  };

  it('go on by the others when one process is killed, in order and never by two', async () => {
    const all = await Promise.all(
      Array.from({ length: 6 }, (_, index) => watch(`shared${index}`, null)),
    );
    const victim = await startWorker();
    const survivor: Delivering = deliver(exchange.settings);
    stops.push(() => survivor.stop());
    await eventually('they share alike', async () => {
      const held = [...(await heldBy()).values()];
      return held.length === 2 && held.every((count) => count === 3);
    });
    let published = 0;
    const publish = async (count: number): Promise<void> => {
      await exchange.publish(choices(count, keys, published));
      published += count;
    };
    await publish(60);
    await eventually('it is at it', hasAll(all, 10));
    victim.kill('SIGKILL');
    const killedAt = performance.now();
    await publish(60);
    await eventually('everybody has everything', hasAll(all, published), 40_000);
    const tookMs = performance.now() - killedAt;
    for (const one of all) assertInOrder(one);
    expect(survivor.failures).to.deep.equal([]);
    expect((await heldBy()).size).to.equal(1);
    expect(tookMs, 'as soon as the leases have ended').to.be.lessThan(leaseMs + 10_000);
  });

  it('go on after the thread that delivers was ended by a failure', async () => {
    const after = 119;
    const one = await watch('revived', after);
    const threads: Worker[] = [];
    const seen = (worker: Worker): void => void threads.push(worker);
    process.on('worker', seen);
    const errors: string[] = [];
    const quiet = (): void => undefined;
    const logger = {
      ...{ debug: quiet, info: quiet, warn: quiet },
      error: (_fields: object, message: string) => errors.push(message),
    } as unknown as Logger;
    const thread = openDeliveriesThread({
      settings: {
        ...{ connectionString: exchange.settings.connectionString, keptDays: 0 },
        ...{ postgres: exchange.settings.postgres, privateNetworks: ['127.0.0.0/8'] },
      },
      ...{ feed: exchange.feed, logger, metrics: createMetrics() },
    });
    stops.push(async () => {
      process.off('worker', seen);
      await thread.stop();
    });
    await exchange.publish(choices(30, keys, 120));
    await eventually('it delivers', hasAll([one], 5));
    await threads[0]?.terminate();
    await eventually('it is said', () => errors.length > 0);
    expect(errors).to.deep.equal(['a thread ended by itself and is started again']);
    // As once its leases have ended, six seconds later.
    await exchange.pool.query(`update kopilka.delivery_leases set held_until = '-infinity'`);
    await exchange.pool.query('delete from kopilka.delivery_owners');
    await exchange.publish(choices(30, keys, 150));
    await eventually('all of it arrives', hasAll([one], 60), 40_000);
    expect(threads).to.have.length(2);
    expect(thread.state()).to.equal('running');
    assertInOrder(one);
  });
});
