/** The main way: what a dealer publishes is at a bank's endpoint at once, signed, and what became of it is in the log. */
import { expect } from 'chai';
import type { CommandContext } from '../../../commands/command.js';
import { carryOver, ledgerKey, readLedger } from '../../../commands/delivery/ledgers.js';
import { createDeliveryOrders } from '../../../commands/delivery/ordering.js';
import { createDirectory, type Directory } from '../../../commands/directory.js';
import { inFull } from '../../../domain/delivery/attempts.js';
import type { Attempt } from '../../../domain/delivery/events.js';
import type { Fact } from '../../../domain/fact.js';
import type { SubscriptionId } from '../../../domain/ids.js';
import { publicationsStream } from '../../../domain/publication/publication.js';
import { type SubscriptionTerms, subscriptionStream } from '../../../domain/subscription/events.js';
import { connect, disconnect } from '../../../platform/eventstore/client.js';
import { createCut } from '../../../platform/eventstore/cut.js';
import { createDeliveryLeases } from '../../../platform/postgres/deliveryLeases.js';
import { isGenuine } from '../../../workers/webhook/signature.js';
import { type Bank, eventIds, openBank } from './bank.js';
import { eventually } from '../ownLog.js';
import {
  choices,
  deliver,
  type Delivering,
  type Exchange,
  startExchange,
  tenant,
  topicId,
} from './exchange.js';

const attemptsOf = (facts: readonly Fact[]): Attempt[] =>
  facts.flatMap(({ type, data }) =>
    type === 'DeliveriesAttempted' ? inFull((data as { attempts: Attempt[] }).attempts) : [],
  );

describe('deliveries to webhooks', function () {
  this.timeout(120_000);
  let exchange: Exchange;
  let delivering: Delivering;
  const banks: Bank[] = [];
  const bankOf = async (...answer: Parameters<typeof openBank>): Promise<Bank> => {
    const bank = await openBank(...answer);
    banks.push(bank);
    return bank;
  };

  before(async () => {
    exchange = await startExchange({ delays: [0, 200, 300, 400], leaseMs: 2_000 });
    delivering = deliver(exchange.settings);
  });
  after(async () => {
    await delivering.stop();
    await exchange.stop();
    await Promise.all(banks.map((bank) => bank.stop()));
  });

  /** Puts everything that was decided so far into a directory. */
  const fill = async (directory: Directory): Promise<void> => {
    const done = new AbortController();
    const filter = { eventTypes: [...directory.eventTypes] };
    for await (const item of exchange.feed.subscribe({ from: null, filter, signal: done.signal })) {
      if (item.kind === 'fact') directory.apply(item.fact);
      if (item.kind === 'caughtUp') return done.abort();
    }
  };
  const mainTerms = async (): Promise<SubscriptionTerms> => {
    const directory = createDirectory();
    await fill(directory);
    return directory.subscriptions.subscription(tenant, 'sub_main1' as never) as SubscriptionTerms;
  };
  /** Of the topic: a subscription that begins after it is sent what is published from now on. */
  const lastPlace = async (): Promise<number> =>
    (await exchange.log.read(publicationsStream(tenant, topicId), 0, 4_000)).length - 1;
  const contextOf = (idempotencyKey: string): CommandContext => ({
    ...{ tenant, idempotencyKey, correlationId: idempotencyKey, now: Date.now() },
    actor: { kind: 'partner', id: 'credential1' },
  });

  it('are at the endpoint within a second, signed as an independent receiver wants it, and recorded', async () => {
    const bank = await bankOf();
    const terms = await exchange.subscribe('main1', bank.url);
    bank.secret = terms.secret;
    await exchange.publish(choices(3));
    await eventually('three arrive', () => bank.received.length >= 3);
    expect(bank.forged).to.deep.equal([]);
    expect(bank.ids()).to.have.members(['choice-0', 'choice-1', 'choice-2']);
    const [first] = bank.received;
    expect(first?.headers).to.include({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'kopilka-topic': 'cars_chosen',
    });
    await eventually('they are recorded', async () => {
      const { cursor, counts } = await exchange.ledger(terms);
      return cursor === 2 && counts.delivered === 3;
    });
    expect(delivering.failures).to.deep.equal([]);
  });

  it('keep the order of each key where a failure blocks it, and come again under the same id', async () => {
    const refusals = new Map<string, number>();
    const bank = await bankOf(({ body, webhookId }, response) => {
      const [id = ''] = eventIds(body);
      const failed = refusals.get(webhookId) ?? 0;
      const refuses = Number(id.split('-')[1]) % 4 === 1 && failed < 2;
      if (refuses) refusals.set(webhookId, failed + 1);
      response.writeHead(refuses ? 500 : 204).end();
    });
    const after = await lastPlace();
    const terms = await exchange.subscribe('order1', bank.url, {
      order: { by: 'key', onFailure: 'block' },
      from: { kind: 'place', after },
    });
    bank.secret = terms.secret;
    await exchange.publish(choices(40, 5, 100));
    await eventually('all arrive', () => bank.ids().length === 40 && bank.received.length === 60);
    const arrived = new Map<number, number[]>();
    for (const { body } of bank.received) {
      const { data } = JSON.parse(body) as { data: { number: number } };
      const key = data.number % 5;
      arrived.set(key, [...(arrived.get(key) ?? []), data.number]);
    }
    for (const numbers of arrived.values()) {
      expect(numbers).to.deep.equal([...numbers].sort((one, other) => one - other));
    }
    const ids = new Set(bank.received.map(({ webhookId }) => webhookId));
    expect(ids.size).to.equal(40);
    expect(bank.forged).to.deep.equal([]);
    await eventually(
      'nothing waits',
      async () => (await exchange.ledger(terms)).waiting.size === 0,
    );
  });

  it('come in batches and in binary mode, signed by a public key where that was asked for', async () => {
    const [batches, binary] = [await bankOf(), await bankOf()];
    const after = await lastPlace();
    const from = { kind: 'place', after } as const;
    const inBatches = await exchange.subscribe('batch1', batches.url, {
      ...{ from, batch: { max: 10, waitMs: 300 } },
    });
    batches.secret = inBatches.secret;
    const inBinary = await exchange.subscribe('binary1', binary.url, {
      ...{ from, mode: 'binary', signing: ['v1a'] },
      filter: { exact: { id: 'choice-203' } },
    });
    await exchange.publish(choices(25, 5, 200));
    await eventually('batches', () => batches.ids().length === 25);
    await eventually('binary', () => binary.received.length === 1);
    expect(batches.received.map(({ body }) => eventIds(body).length)).to.deep.equal([10, 10, 5]);
    expect(batches.forged).to.deep.equal([]);
    const [one] = binary.received;
    expect(one?.headers).to.include({
      'content-type': 'application/json',
      'ce-id': 'choice-203',
      'ce-specversion': '1.0',
      'ce-partitionkey': 'customer:3',
    });
    expect(JSON.parse(one?.body ?? '')).to.deep.equal({ number: 203 });
    const signed = {
      id: one?.webhookId ?? '',
      timestamp: Number(one?.headers['webhook-timestamp']),
      body: one?.body ?? '',
    };
    const signature = String(one?.headers['webhook-signature']);
    const now = Math.floor(Date.now() / 1_000);
    expect(isGenuine([inBinary.secret], signature, signed, now)).to.equal(true);
    await eventually('what was filtered is accounted for', async () => {
      const ledger = await exchange.ledger(inBinary);
      return ledger.counts.passed === 24 && ledger.cursor === after + 25;
    });
  });

  it('are replayed from a place as a job, with what arrived before, under the old ids', async () => {
    const bank = banks[0] as Bank;
    const terms = await mainTerms();
    // What the tests before published has come by then, however far behind it was.
    const last = await lastPlace();
    await eventually('all is there', async () => (await exchange.ledger(terms)).cursor === last);
    const before = bank.received.length;
    const { log, pool } = exchange;
    const directory = createDirectory();
    const orders = createDeliveryOrders({
      log,
      directory,
      snapshots: createDeliveryLeases(pool),
      lastRevision: async (stream) => (await log.read(stream, 0, 4_000)).at(-1)?.revision ?? null,
    });
    await fill(directory);
    const context = contextOf('replay 1');
    const question = { from: { place: 1 }, to: { place: 2 }, status: 'all' as const };
    const own = { subscriptionId: terms.subscriptionId, partnerId: terms.partnerId };
    const preview = await orders.preview(own, { ...question, ratePerSecond: 50 }, context);
    expect(preview).to.deep.equal({ from: 1, to: 2, deliveries: 2, complete: true });
    const { answer } = await orders.replay(own, { ...question, ratePerSecond: 50 }, context);
    await eventually('they come again', () => bank.received.length === before + 2);
    const ids = new Set(bank.received.slice(0, before).map(({ webhookId }) => webhookId));
    for (const { webhookId } of bank.received.slice(before))
      expect(ids.has(webhookId)).to.equal(true);
    await eventually('the job is over', async () => {
      const replay = (await exchange.ledger(terms)).replays.get(answer.terms.job);
      return replay?.status === 'finished' && replay.delivered === 2;
    });
    const [{ webhookId = '' } = {}] = bank.received;
    // Not the first of the records: they may be written in another order than the calls arrived in.
    const attempts = attemptsOf(await exchange.facts(terms));
    const { places } = attempts.find((one) => one.webhookId === webhookId) as Attempt;
    await orders.retry(own, webhookId, places, contextOf('retry 1'));
    await eventually('one comes again', () => bank.received.length === before + 3);
    await orders.retry(own, webhookId, places, contextOf('retry 2'));
    await eventually('and once more', () => bank.received.length === before + 4);
    expect(bank.received.at(-1)?.webhookId).to.equal(webhookId);
  });

  it('end with the access: what was still to do is recorded as passed, and the subscription says why', async () => {
    const bank = await bankOf((_, response) => void response.writeHead(500).end());
    const after = await lastPlace();
    const terms = await exchange.subscribe('leave1', bank.url, { from: { kind: 'place', after } });
    await exchange.publish(choices(5, 5, 300));
    await eventually('it fails', () => bank.received.length >= 5);
    await exchange.revoke(terms.partnerId);
    await eventually('it is disabled', async () => {
      const directory = createDirectory();
      await fill(directory);
      const record = directory.subscriptions.subscription(tenant, terms.subscriptionId);
      return record?.why?.reason === 'access-revoked';
    });
    await eventually('all is accounted for', async () => {
      const { waiting, parked, cursor } = await exchange.ledger(terms);
      return waiting.size + parked.size === 0 && cursor === after + 5;
    });
    const passed = (await exchange.facts(terms)).filter(({ type }) => type === 'DeliveriesPassed');
    const ranges = passed.flatMap(({ data }) => (data as { ranges: { reason: string }[] }).ranges);
    expect(ranges.length).to.be.greaterThan(0);
    expect(ranges.every(({ reason }) => reason === 'revoked')).to.equal(true);
  });

  it('are known from what is left when their oldest records were cut off', async () => {
    const about = { tenant, subscriptionId: 'sub_cut' as SubscriptionId };
    const stream = ledgerKey(about);
    const from = { kind: 'place', after: null } as const;
    for (const first of [0, 1, 2]) {
      const ranges = [{ first, last: first, reason: 'filtered' }];
      await exchange.append(stream, 'DeliveriesPassed', { ranges });
    }
    const ledgerOf = () => readLedger(exchange.log, { ...about, from }, null);
    const before = await ledgerOf();
    await carryOver(exchange.log, stream, tenant, before, 'test', Date.now(), 0);
    const client = connect(exchange.settings.connectionString);
    const cut = createCut(client);
    for (const revision of [3, 2, 3]) await cut(stream, revision);
    await disconnect(client);
    expect((await exchange.log.read(stream, 0, 10)).map(({ revision }) => revision)).to.eql([3]);
    expect(await ledgerOf()).to.deep.include({ cursor: 2, revision: 3, carriedAt: 3 });
    await exchange.append(stream, 'DeliveriesPassed', {
      ranges: [{ first: 3, last: 3, reason: 'filtered' }],
    });
    expect((await ledgerOf()).cursor).to.equal(3);
  });

  it('stop at once where the endpoint says that it is gone, and go on from there when it is enabled', async () => {
    let gone = true;
    const bank = await bankOf((_, response) => void response.writeHead(gone ? 410 : 200).end());
    const after = await lastPlace();
    const from = { kind: 'place', after } as const;
    const terms = await exchange.subscribe('gone1', bank.url, { from, concurrency: 1 });
    await exchange.publish(choices(3, 5, 400));
    const recordOf = async () => {
      const directory = createDirectory();
      await fill(directory);
      return directory.subscriptions.subscription(tenant, terms.subscriptionId);
    };
    await eventually('it is disabled', async () => (await recordOf())?.why?.reason === 'gone');
    expect((await recordOf())?.why?.explanation).to.contain('410');
    expect(bank.received.length).to.equal(1);
    gone = false;
    await exchange.append(
      subscriptionStream(tenant, terms.subscriptionId),
      'SubscriptionEnabled',
      {},
    );
    await eventually('everything arrives', () => bank.ids().length === 3);
  });
});
