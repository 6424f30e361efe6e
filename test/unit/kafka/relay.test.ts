/** The way out against a Kafka that refuses, forgets to answer and comes back: what was kept, what is sent again, in which order. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { RelayRecord } from '../../../commands/kafkaLinks.js';
import type { Reveal } from '../../../commands/publication/reveal.js';
import type { Position } from '../../../domain/fact.js';
import type { RelayId, TenantId, TopicId } from '../../../domain/ids.js';
import { publicationsStream, type Published } from '../../../domain/publication/publication.js';
import { createMemoryLog, type MemoryLog } from '../../../platform/memory/log.js';
import { runRelay } from '../../../workers/kafka/out/relay.js';
import { type Kafka, type KafkaMessage, KafkaTrouble } from '../../../workers/kafka/port.js';
import { createReporter, type LinkState, type Reporter } from '../../../workers/kafka/state.js';
import { eventually } from '../workers/eventually.js';

const tenant = 'demo' as TenantId;
const topicId = 'cars' as TopicId;
const stream = publicationsStream(tenant, topicId);

const relayOf = (more: Partial<RelayRecord> = {}): RelayRecord => ({
  ...{ tenant, relayId: 'out' as RelayId, source: { topicId }, kafkaTopic: 'cars' },
  ...{ start: 'beginning', status: 'active', generation: 0, setAt: 0n, setAtMs: 0 },
  ...more,
});

describe('a relay to Kafka', () => {
  let log: MemoryLog;
  let sent: (readonly KafkaMessage[])[];
  let stop: AbortController;
  let running: Promise<void>[];
  let reporter: Reporter;
  /** What the next sends do; where it is empty they are acknowledged. */
  let answers: ((messages: readonly KafkaMessage[]) => Promise<void>)[];
  const kept = new Map<string, Position>();
  let failures: string[];
  let ensure = (): Promise<void> => Promise.resolve();

  const kafka: Kafka = {
    ensureTopic: () => ensure(),
    consume: () => Promise.resolve(),
    sender: () => ({
      send: async (_topic, messages) => {
        await answers.shift()?.(messages);
        sent.push(messages);
      },
      close: () => Promise.resolve(),
    }),
  };
  const shown: Reveal = (_tenant, _topic, fact) =>
    Promise.resolve({ kind: 'shown', publication: (fact.data as Published).publication });

  const start = (relay = relayOf(), reveal = shown, signal = stop.signal): Promise<void> => {
    const run = runRelay(
      relay,
      {
        ...{ feed: log, kafka, reveal, reporter, now: () => 5_000 },
        nameOf: (_tenant, name) => name,
        checkpoints: {
          load: (worker) => Promise.resolve(kept.get(worker) ?? null),
          save: (worker, position) => Promise.resolve(void kept.set(worker, position)),
        },
        onFailed: (error) => void failures.push(String(error)),
        onRelayed: () => undefined,
      },
      signal,
    );
    running.push(run);
    return run;
  };

  const say = async (ids: readonly string[], on = stream, more: object = {}): Promise<void> => {
    const metadata = {
      ...{ tenant, actor: { kind: 'partner', id: 'dealer' } as const, correlationId: 'c' },
      ...{ causationId: 'c', commandId: 'd', occurredAt: '2026-03-01T12:00:00.000Z' },
      ...{ schemaVersion: 1, fingerprint: '' },
    };
    await log.append(
      on,
      'any',
      ids.map((id) => ({
        ...{ id: randomUUID(), type: 'EventPublished', metadata },
        data: {
          partnerId: 'dealer',
          publication: { id, source: '/dealer', type: 'car.chosen', ...more },
        },
      })),
    );
  };
  const ids = () => sent.flat().map(({ headers }) => headers['ce_id']);
  const state = (): LinkState => reporter.state('relay', tenant, 'out');

  beforeEach(() => {
    log = createMemoryLog(() => 1_000);
    [sent, running, answers, failures] = [[], [], [], []];
    kept.clear();
    stop = new AbortController();
    reporter = createReporter({ states: { save: () => Promise.resolve() }, onFailed: () => {} });
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(running);
  });

  it('keeps its place only once Kafka has acknowledged, and sends the same again after a failure', async () => {
    const down = () => Promise.reject(new KafkaTrouble('unreachable', 'refused'));
    answers = [down, down];
    await say(['a', 'b', 'c']);
    void start();
    await eventually(() => expect(failures).to.have.lengthOf(1));
    expect([...kept.values()]).to.deep.equal([]);
    expect(state()).to.deep.include({ place: -1, lagMs: 4_000 });
    expect(state().error).to.include({ reason: 'unreachable', at: 5_000 });
    await eventually(() => expect(ids()).to.deep.equal(['a', 'b', 'c']));
    await eventually(() => expect(state()).to.deep.include({ place: 2, behind: 0, error: null }));
    expect([...kept.values()]).to.deep.equal([3n]);
  });

  it('sends nothing while something before it is open', async () => {
    let acknowledge = (): void => undefined;
    answers = [() => new Promise((resolve) => (acknowledge = resolve))];
    await say(['a']);
    void start();
    await eventually(() => expect(answers).to.be.empty);
    await say(['b']);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(ids()).to.deep.equal([]);
    acknowledge();
    await eventually(() => expect(ids()).to.deep.equal(['a', 'b']));
  });

  it('goes on from its place, and begins anew where it was set anew', async () => {
    await say(['a', 'b']);
    const first = new AbortController();
    const ended = start(relayOf(), shown, first.signal);
    await eventually(() => expect(ids()).to.deep.equal(['a', 'b']));
    first.abort();
    await ended;
    await say(['c']);
    const second = new AbortController();
    const again = start(relayOf(), shown, second.signal);
    await eventually(() => expect(ids()).to.deep.equal(['a', 'b', 'c']));
    second.abort();
    await again;
    void start(relayOf({ generation: 1 }));
    await eventually(() => expect(ids()).to.deep.equal(['a', 'b', 'c', 'a', 'b', 'c']));
  });

  it('leaves out what was before it where it starts now', async () => {
    await say(['before']);
    void start(relayOf({ start: 'now', setAt: 1n }));
    await say(['after']);
    await eventually(() => expect(ids()).to.deep.equal(['after']));
  });

  it('passes what has expired, shows what was erased without its person, and reads no other topic', async () => {
    await say(['old', 'erased', 'new']);
    await say(['foreign'], publicationsStream(tenant, 'cars_2' as TopicId));
    await say(['last']);
    const reveal: Reveal = async (...given) => {
      const revealed = await shown(...given);
      if (revealed.kind === 'expired') return revealed;
      const { publication } = revealed;
      if (publication.id === 'old') return { kind: 'expired' };
      if (publication.id !== 'erased') return revealed;
      return { kind: 'erased', publication: { ...publication, data: { name: null } } };
    };
    void start(relayOf(), reveal);
    await eventually(() => expect(ids()).to.deep.equal(['erased', 'new', 'last']));
    expect(String(sent.flat()[0]?.value)).to.equal('{"name":null}');
    expect(sent.flat().map(({ place }) => place)).to.deep.equal([1, 2, 3]);
  });

  it('sends no more at once than a broker takes', async () => {
    const big = 'x'.repeat(200_000);
    await say(['a', 'b', 'c', 'd', 'e'], stream, { data: big });
    void start();
    await eventually(() => expect(ids()).to.deep.equal(['a', 'b', 'c', 'd', 'e']));
    expect(sent.map((batch) => batch.length)).to.deep.equal([2, 2, 1]);
  });

  it('gives a Kafka topic that takes less no more than it takes', async () => {
    const tooLarge = (messages: readonly KafkaMessage[]): Promise<void> =>
      messages.length > 2
        ? Promise.reject(new KafkaTrouble('too-large', 'too large'))
        : Promise.resolve();
    answers = Array.from({ length: 20 }, () => tooLarge);
    await say(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    void start();
    await eventually(() => expect(ids()).to.deep.equal(['a', 'b', 'c', 'd', 'e', 'f', 'g']));
    expect(failures).to.be.empty;
  });

  it('tells how much is behind also while Kafka has never been there', async () => {
    ensure = () => Promise.reject(new KafkaTrouble('unreachable', 'refused'));
    await say(['a']);
    void start();
    await eventually(() => expect(state()).to.deep.include({ place: -1, lagMs: 4_000 }));
    await eventually(() => expect(state().error).to.include({ reason: 'unreachable' }));
    ensure = () => Promise.resolve();
    await eventually(() => expect(ids()).to.deep.equal(['a']));
  });

  it('is stopped in time also while Kafka does not say whether it is there', async () => {
    ensure = () => new Promise(() => undefined);
    const ended = start();
    await say(['a']);
    await eventually(() => expect(state().place).to.equal(-1));
    stop.abort();
    await ended;
    ensure = () => Promise.resolve();
  });

  it('is stopped in time also while Kafka does not answer, and keeps nothing of what is open', async () => {
    answers = [() => new Promise(() => undefined)];
    await say(['a']);
    const ended = start();
    await eventually(() => expect(answers).to.be.empty);
    stop.abort();
    await ended;
    expect([...kept.values()]).to.deep.equal([]);
  });
});
