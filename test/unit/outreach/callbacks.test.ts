/** Requesters are told how their messages stand: each change once and in order, whatever breaks off. */
import { expect } from 'chai';
import type { Fact, NewFact, Position } from '../../../domain/fact.js';
import { createPublish } from '../../../commands/publication/publish.js';
import { archiveTopic } from '../../../commands/topic/archiveTopic.js';
import { createTopic } from '../../../commands/topic/createTopic.js';
import type { TopicId } from '../../../domain/ids.js';
import { publicationsStream, type Published } from '../../../domain/publication/publication.js';
import { createStatusPublisher } from '../../../workers/outreach/callbackPublishing.js';
import { createCallbacks, type ToldMessages } from '../../../workers/outreach/callbacks.js';
import type { ToldMessage } from '../../../workers/outreach/statusEvent.js';
import { cars, type Dealership, dealer, demo, openDealership } from '../exchange/dealership.js';
import { eventually } from '../workers/eventually.js';

const idOf = (n: number): string => n.toString(16).padStart(32, '0');
const hash = 'ab'.repeat(32);

const requestOf = (n: number) => ({
  messageId: idOf(n),
  class: 'service',
  requester: { kind: 'partner', id: dealer },
  reference: `order-${n}`,
  recipient: { userId: null, subject: 'addr_x', addresses: { phone: hash } },
  template: null,
  sealed: 'c2VjcmV0',
  strategy: null,
  steps: [{ channel: 'sms', until: 'delivered', waitSeconds: 600 }],
  notBefore: null,
  expiresAt: '2099-01-01T00:00:00.000Z',
  callback: { topicId: cars },
  lane: 0,
});
const time = '2026-03-01T12:00:00.000Z';
const started = (...ids: readonly number[]) => ({
  decisions: [{ version: 1, rule: null, chosen: 'sms_1', candidates: [] }],
  attempts: ids.map((n) => ({
    ...{ messageId: idOf(n), attempt: 1, step: 0, channel: 'sms', providerId: 'sms_1' },
    ...{ clientReference: `${idOf(n)}.1`, decision: 0, address: hash },
    permission: { basis: 'class', asOf: '1' },
  })),
});
const answered = (...ids: readonly number[]) => ({
  answers: ids.map((n) => ({
    messageId: idOf(n),
    attempt: 1,
    outcome: 'submitted',
    at: time,
    ms: 1,
  })),
});
const receipts = (...ids: readonly number[]) => ({
  receipts: ids.map((n) => ({ messageId: idOf(n), attempt: 1, status: 'delivered', at: time })),
});
const ended = (...ids: readonly number[]) => ({
  items: ids.map((n) => ({ messageId: idOf(n), status: 'delivered', reason: 'delivered' })),
});

/** As the table keeps it; `failures` saves do not go through. */
const memoryTold = (): ToldMessages & {
  failures: number;
  readonly rows: Map<string, ToldMessage>;
} => {
  const rows = new Map<string, ToldMessage>();
  let place: Position | null = null;
  return {
    rows,
    failures: 0,
    place: async () => place,
    any: async () => rows.size > 0,
    load: async (names) => names.flatMap(({ messageId }) => rows.get(messageId) ?? []),
    async save(told, to) {
      if (told.length > 0 && this.failures > 0) {
        this.failures -= 1;
        throw new Error('the database went away');
      }
      for (const one of told) rows.set(one.messageId, structuredClone(one));
      place = to;
    },
    forget: async () => undefined,
  };
};

describe('callbacks to requesters of messages', () => {
  let shop: Dealership;
  let told: ReturnType<typeof memoryTold>;
  let stop: () => Promise<void>;
  let failures: unknown[];
  let refusals: unknown[];
  let asked: string[][];

  const start = (): void => {
    const stopping = new AbortController();
    const { log, directory, keys, parts } = shop;
    const worker = createCallbacks({
      feed: {
        ...log,
        subscribe: (options) => {
          asked.push([...(options.filter.eventTypes ?? [])]);
          return log.subscribe(options);
        },
      },
      told,
      publisher: createStatusPublisher({
        publish: createPublish({ ...parts, keys }),
        directory,
        now: () => shop.clock.now,
        signal: stopping.signal,
        onRefused: (error) => refusals.push(error),
      }),
      now: () => shop.clock.now,
      onFailed: (error) => failures.push(error),
    });
    const running = worker.run(stopping.signal);
    stop = async () => {
      stopping.abort();
      await running;
    };
  };

  let recorded = 0;
  const record = async (stream: string, type: string, data: unknown): Promise<void> => {
    recorded += 1;
    const fact: NewFact = {
      ...{ id: `fact ${recorded}`, type, data },
      metadata: {
        tenant: demo as never,
        actor: { kind: 'worker', id: 'outreach' },
        ...{ correlationId: '', causationId: '', commandId: '', fingerprint: '' },
        ...{ schemaVersion: 1, occurredAt: time },
      },
    };
    await shop.log.append(stream, 'any', [fact]);
  };
  const accept = (n: number) => record(`message-demo.${idOf(n)}`, 'MessageAccepted', requestOf(n));
  const acceptSilent = (n: number) =>
    record(`message-demo.${idOf(n)}`, 'MessageAccepted', { ...requestOf(n), callback: undefined });
  const journal = (type: string, data: unknown) => record('outbox-demo.0', type, data);

  const published = (): Published['publication'][] =>
    shop.log.facts
      .filter(({ stream }: Fact) => stream === publicationsStream(demo as never, cars))
      .map(({ data }) => (data as Published).publication);
  const saidOf = (n: number) =>
    published()
      .filter(({ subject }) => subject === idOf(n))
      .map(({ data }) => data as Record<string, unknown>);
  const statusesOf = (n: number) => saidOf(n).map(({ status }) => status);

  beforeEach(async () => {
    shop = await openDealership();
    told = memoryTold();
    [failures, refusals, asked] = [[], [], []];
    recorded = 0;
  });
  afterEach(async () => {
    await stop();
    await shop.close();
  });

  it('publishes each change of status under a number of its own, and nothing personal', async () => {
    start();
    await accept(1);
    await journal('AttemptsStarted', started(1));
    await journal('AttemptsAnswered', answered(1));
    await journal('ReceiptsRecorded', receipts(1));
    await journal('MessagesEnded', ended(1));
    await eventually(() =>
      expect(statusesOf(1)).to.deep.equal(['accepted', 'inProgress', 'delivered']),
    );
    const [first, , last] = published();
    expect(first).to.include({
      ...{ id: `${idOf(1)}.0`, type: 'kopilka.message.status', source: '/outreach/v1/messages' },
      ...{ subject: idOf(1), key: idOf(1) },
    });
    expect(last?.data).to.deep.include({
      ...{ sequence: 2, previous: 'inProgress', reason: 'delivered', reference: 'order-1' },
      ...{ channel: 'sms', deliveredTwice: false },
    });
    expect(JSON.stringify(published())).to.not.include(hash).and.to.not.include('c2VjcmV0');
  });

  it('tells late receipts too, and nothing of those that did not ask', async () => {
    start();
    await accept(1);
    await acceptSilent(3);
    await journal('AttemptsStarted', started(1, 3));
    await journal('MessagesEnded', ended(1, 3));
    await journal('ReceiptsRecorded', receipts(1, 3));
    await eventually(() => expect(saidOf(1).at(-1)).to.include({ lateReceipts: 1, sequence: 3 }));
    expect(saidOf(3)).to.deep.equal([]);
  });

  it('looks at requests alone until the first that asks', async () => {
    start();
    await acceptSilent(9);
    await journal('AttemptsStarted', started(9));
    await eventually(() => expect(asked).to.deep.equal([['MessageAccepted']]));
    await accept(1);
    await journal('AttemptsStarted', started(1, 9));
    await eventually(() => expect(statusesOf(1)).to.deep.equal(['accepted', 'inProgress']));
    expect(asked).to.have.length(2);
    expect(asked[1]).to.include('AttemptsStarted');
  });

  it('comes to the same events once more where it broke off, and the log holds each once', async () => {
    start();
    await accept(1);
    await eventually(() => expect(told.rows.size).to.equal(1));
    told.failures = 3;
    const ids = [1, 2, 3, 4, 5];
    for (const n of ids.slice(1)) await accept(n);
    await journal('AttemptsStarted', started(...ids));
    await journal('ReceiptsRecorded', receipts(...ids));
    await journal('MessagesEnded', ended(...ids));
    await eventually(() => {
      expect(told.failures).to.equal(0);
      for (const n of ids) expect(told.rows.get(idOf(n))?.sequence).to.equal(2);
    }, 5_000);
    for (const n of ids) {
      expect(statusesOf(n)).to.deep.equal(['accepted', 'inProgress', 'delivered']);
      expect(saidOf(n).map(({ sequence }) => sequence)).to.deep.equal([0, 1, 2]);
    }
    expect(failures).to.have.length(3);
  });

  it('goes on from where another run stopped', async () => {
    start();
    await accept(1);
    await eventually(() => expect(statusesOf(1)).to.deep.equal(['accepted']));
    await eventually(() => expect(told.rows.size).to.equal(1));
    await stop();
    await journal('AttemptsStarted', started(1));
    await journal('MessagesEnded', ended(1));
    start();
    await eventually(() =>
      expect(statusesOf(1)).to.deep.equal(['accepted', 'inProgress', 'delivered']),
    );
  });

  it('waits for a topic that its directory has not heard of yet', async () => {
    const boats = 'boats' as TopicId;
    start();
    const asked = { ...requestOf(1), callback: { topicId: boats } };
    await record(`message-demo.${idOf(1)}`, 'MessageAccepted', asked);
    const about = {
      owner: dealer,
      name: 'Boats',
      description: '',
      classification: 'open' as const,
    };
    await shop.handler.handle(createTopic, { topicId: boats, ...about }, shop.context());
    await eventually(() =>
      expect(shop.log.facts.map(({ stream }) => stream)).to.include(
        publicationsStream(demo as never, boats),
      ),
    );
    expect(refusals).to.deep.equal([]);
  });

  it('goes past what its topic refuses, and tells', async () => {
    await shop.handler.handle(archiveTopic, { topicId: cars, reason: 'old' }, shop.context());
    start();
    await accept(1);
    await journal('AttemptsStarted', started(1));
    await eventually(() => expect(refusals).to.have.length(2));
    expect(refusals[0]).to.have.property('code', 'topic-archived');
    expect(published()).to.deep.equal([]);
  });
});
