/**
 * Twenty subscribers, most of them troubled, and the process that delivers killed in the middle: every healthy one has every event, in
 * order where it asked for order and under the same id on every repeat; the others delay nobody; and of every event it is known what
 * became of it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { isAccounted } from '../../../domain/delivery/ledger.js';
import { inFull } from '../../../domain/delivery/attempts.js';
import type { Attempt } from '../../../domain/delivery/events.js';
import type { SubscriptionTerms } from '../../../domain/subscription/events.js';
import { type Answer, type Bank, eventIds, openBank } from './bank.js';
import { eventually } from '../ownLog.js';
import { quietPort } from '../../quietPort.js';
import { choices, type Exchange, startExchange } from './exchange.js';

const keys = 20;
const perSecond = 8;
/**
 * What a busy machine adds of itself. One endpoint that hangs holds whoever waits for it for five seconds, so that much is told apart;
 * that nobody waits at all is shown without a clock (test/unit/delivery/slots.test.ts).
 */
const hangMs = 5_000;
const noiseMs = 4_000;

const every = (nth: number, status: number): Answer => {
  return (_, response, index) => void response.writeHead(index % nth === 0 ? status : 200).end();
};

/** The answers of the troubled, by what ails them. */
const ailments: Readonly<Record<string, Answer>> = {
  slow1: (_, response) => void setTimeout(() => response.writeHead(200).end(), 300),
  slow2: (_, response) => void setTimeout(() => response.writeHead(200).end(), 500),
  flap1: every(3, 503),
  flap2: (_, response) => void response.writeHead(Date.now() % 2_000 < 300 ? 500 : 200).end(),
  fails: (_, response) => void response.writeHead(500).end('no'),
  gone1: (_, response) => void response.writeHead(410).end(),
  busy1: (_, response, index) =>
    void response.writeHead(index < 3 ? 429 : 200, { 'retry-after': '1' }).end(),
  cuts1: (_, response, index) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half');
    if (index % 4 === 0) setTimeout(() => response.destroy(), 10);
    else response.end('x'.repeat(996));
  },
  huge1: (_, response) => void response.writeHead(200).end(Buffer.alloc(100_000, 'x')),
  moved: (_, response) =>
    void response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
  hangs: () => undefined,
};
/** That get everything in the end. */
const recovering = ['slow1', 'slow2', 'flap1', 'flap2', 'busy1', 'cuts1', 'huge1'];

interface Subscriber {
  readonly name: string;
  readonly bank: Bank;
  readonly terms: SubscriptionTerms;
}

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((one, other) => one - other)[Math.ceil(values.length * share) - 1] ?? 0;

describe('deliveries in trouble', function () {
  this.timeout(240_000);
  let exchange: Exchange;
  const workers: ChildProcess[] = [];
  const banks: Bank[] = [];
  const publishedAt = new Map<string, number>();

  const startWorker = async (): Promise<ChildProcess> => {
    const file = fileURLToPath(new URL('./worker.process.js', import.meta.url));
    const worker = fork(file, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    workers.push(worker);
    worker.send(exchange.settings);
    await once(worker, 'message');
    return worker;
  };
  const subscriber = async (
    name: string,
    answer?: Answer,
    given: Partial<SubscriptionTerms> = {},
  ): Promise<Subscriber> => {
    const bank = await openBank(answer);
    banks.push(bank);
    const { secret, ...terms } = await exchange.subscribe(name, bank.url, given);
    // Of the healthy alone: checking takes its time, too.
    if (!answer) bank.secret = secret;
    return { name, bank, terms };
  };
  let published = 0;
  const publish = async (count: number): Promise<void> => {
    const started = performance.now();
    for (let done = 0; done < count; done += 1) {
      const [choice] = choices(1, keys, published);
      publishedAt.set(choice?.id ?? '', Date.now());
      published += 1;
      if (choice) await exchange.publish([choice]);
      const aheadMs = ((done + 1) * 1_000) / perSecond - (performance.now() - started);
      if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
    }
  };
  /** Of first arrivals of what was published since then. */
  const latencies = (of: readonly Subscriber[], since: number): number[] =>
    of.flatMap(({ bank }) => {
      const first = new Map<string, number>();
      for (const { body, at } of bank.received) {
        for (const id of eventIds(body)) if (!first.has(id)) first.set(id, at);
      }
      return [...first].flatMap(([id, at]) => {
        const from = publishedAt.get(id) ?? 0;
        return from >= since ? [at - from] : [];
      });
    });

  before(async () => {
    exchange = await startExchange({ delays: [0, 300, 600, 1_200, 2_000, 3_000], leaseMs: 2_500 });
    await startWorker();
  });
  after(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await Promise.all(banks.map((bank) => bank.stop()));
    await exchange.stop();
  });

  it('lose nothing, keep what was promised, and delay nobody else', async () => {
    const healthy = await Promise.all(
      Array.from({ length: 7 }, (_, index) =>
        subscriber(`well${index}`, undefined, {
          concurrency: 50,
          order: index % 2 === 0 ? { by: 'key', onFailure: 'block' } : { by: 'none' },
        }),
      ),
    );
    const has = (one: Subscriber, count: number) => () => one.bank.ids().length >= count;
    await publish(20); // warms up
    await eventually('they begin', () => healthy.every((one) => has(one, 20)()));

    const calmSince = Date.now();
    await publish(40);
    await eventually('calm', () => healthy.every((one) => has(one, published)()));
    const calm = latencies(healthy, calmSince);

    const from = { kind: 'place' as const, after: published - 1 };
    const begun = published;
    const troubled = await Promise.all(
      Object.entries(ailments).map(([name, answer]) =>
        subscriber(name, answer, { from, timeoutMs: hangMs, concurrency: 16 }),
      ),
    );
    const dead = [];
    for (const name of ['dead1', 'dead2']) {
      dead.push(
        await exchange.subscribe(name, `http://127.0.0.1:${await quietPort()}/hooks`, { from }),
      );
    }
    await publish(24);
    const wildSince = Date.now();
    await publish(64);
    await eventually('wild', () => healthy.every((one) => has(one, published)()), 40_000);
    const wild = latencies(healthy, wildSince);
    const [calmP99, wildP99] = [percentile(calm, 0.99), percentile(wild, 0.99)];
    expect(wildP99, `p99 ${wildP99} ms, ${calmP99} ms without the troubled`).to.be.lessThan(
      calmP99 * 1.2 + noiseMs,
    );

    const publishing = publish(32);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    workers[0]?.kill('SIGKILL');
    await startWorker();
    await publishing;

    await eventually(
      'every healthy one has everything',
      () => healthy.every((one) => has(one, published)()),
      60_000,
    );
    const back = troubled.filter(({ name }) => recovering.includes(name));
    await eventually(
      'those that recover have it, too',
      () => back.every((one) => has(one, published - begun)()),
      60_000,
    );

    for (const { bank, terms, name } of [...healthy, ...back]) {
      expect(bank.forged, name).to.deep.equal([]);
      const idsOf = new Map<string, Set<string>>();
      for (const { body, webhookId } of bank.received) {
        const [id = ''] = eventIds(body);
        idsOf.set(id, (idsOf.get(id) ?? new Set()).add(webhookId));
      }
      for (const [id, webhookIds] of idsOf) expect(webhookIds.size, `${name} ${id}`).to.equal(1);
      if (terms.order.by === 'none') continue;
      const numbers = bank.ids().map((id) => Number(id.split('-')[1]));
      for (let key = 0; key < keys; key += 1) {
        const ofKey = numbers.filter((number) => number % keys === key);
        expect(ofKey, name).to.deep.equal([...ofKey].sort((one, other) => one - other));
      }
    }

    await eventually('what arrived is recorded', async () => {
      const ledgers = await Promise.all(healthy.map(({ terms }) => exchange.ledger(terms)));
      return ledgers.every(({ cursor, waiting }) => cursor === published - 1 && waiting.size === 0);
    });
    const others = [...troubled.map(({ terms }) => terms), ...dead];
    for (const terms of others) await assertAccounted(terms);
    const errors = await errorsOf(troubled.find(({ name }) => name === 'moved')?.terms);
    expect([...errors]).to.deep.equal(['redirect']);
    const stopped = await exchange.facts(termsOf(troubled, 'gone1'));
    expect(stopped.map(({ type }) => type)).to.include('DeliveriesStopped');
    expect(
      banks.find((bank) => bank.url === termsOf(troubled, 'gone1').endpoint.url)?.received.length,
    ).to.be.lessThan(60);
  });

  const termsOf = (of: readonly Subscriber[], name: string): SubscriptionTerms =>
    (of.find((one) => one.name === name) as Subscriber).terms;

  const attemptsOf = async (terms: SubscriptionTerms): Promise<readonly Attempt[]> =>
    (await exchange.facts(terms)).flatMap(({ type, data }) =>
      type === 'DeliveriesAttempted' ? inFull((data as { attempts: Attempt[] }).attempts) : [],
    );
  const errorsOf = async (terms: SubscriptionTerms | undefined): Promise<Set<string>> => {
    const attempts = terms ? await attemptsOf(terms) : [];
    return new Set(attempts.flatMap(({ error }) => (error ? [error.code] : [])));
  };

  /** Something may be recorded between the two readings. */
  const atOneMoment = async (terms: SubscriptionTerms) => {
    for (;;) {
      const ledger = await exchange.ledger(terms);
      const attempts = await attemptsOf(terms);
      if ((await exchange.ledger(terms)).revision === ledger.revision) return { ledger, attempts };
    }
  };

  /** Of every place: delivered, listed, or still before the cursor's reach in the topic; and never two of them. */
  const assertAccounted = async (terms: SubscriptionTerms): Promise<void> => {
    const { ledger, attempts } = await atOneMoment(terms);
    const delivered = new Set(
      attempts.filter(({ outcome }) => outcome === 'delivered').flatMap(({ places }) => places),
    );
    const listed = new Set(
      [...ledger.waiting.values(), ...ledger.parked.values()].flatMap(({ places }) => places),
    );
    for (let place = (terms.from.after ?? -1) + 1; place < published; place += 1) {
      const known = delivered.has(place) || listed.has(place);
      expect(known, `${terms.subscriptionId} ${place}`).to.equal(isAccounted(ledger, place));
      expect(delivered.has(place) && listed.has(place)).to.equal(false);
    }
  };
});
