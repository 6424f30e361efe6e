/** Groups that share work, through the platform's client on the embedded node. */
import { randomUUID } from 'node:crypto';
import { jsonEvent } from '@eventstore/db-client';
import { expect } from 'chai';
import { LogUnavailable } from '../../../commands/log.js';
import { eventDefinitions } from '../../../domain/registry.js';
import type { RunningEventStore } from '../../../embedded/eventstore/options.js';
import { startEventStore } from '../../../embedded/eventstore/startEventStore.js';
import type { PostgresConnection } from '../../../embedded/postgres/startPostgres.js';
import { connect, createLog, disconnect } from '../../../platform/eventstore/client.js';
import { createCodec } from '../../../platform/eventstore/codec.js';
import { createGroups } from '../../../platform/eventstore/groups.js';
import type { Log } from '../../../commands/log.js';
import { GroupMissing, type Groups, type Handed } from '../../../workers/groups.js';
import { until } from '../../conformance/eventstore/node.js';
import { quietPort } from '../../quietPort.js';
import { someFact } from './faults/load.js';
import { newDatabase } from './postgres.js';

describe('groups that share work', function () {
  this.timeout(120_000);

  const codec = createCodec(eventDefinitions);
  const stopping = new AbortController();
  const interruptions: unknown[] = [];
  let postgres: PostgresConnection;
  let node: RunningEventStore;
  let client: ReturnType<typeof connect>;
  let log: Log;
  let groups: Groups;
  let stream: string;

  before(async () => {
    postgres = await newDatabase();
    node = await startEventStore({ postgres, port: await quietPort() });
    client = connect(node.connectionString);
    log = createLog(client, codec);
    groups = createGroups(client, codec, (error) => interruptions.push(error));
  });
  after(async () => {
    stopping.abort();
    await disconnect(client);
    await node.stop();
  });
  beforeEach(() => {
    stream = `jar-demo.${randomUUID().slice(0, 8)}`;
    interruptions.length = 0;
  });

  /** A group over this test's stream alone, with so many facts in it. */
  const groupOf = async (facts: number, options: object = {}): Promise<string> => {
    const name = `group-${stream}`;
    const filter = { streamPrefixes: [stream] };
    await groups.ensure({ name, filter, from: null, ...options });
    const appended = Array.from({ length: facts }, (_, n) => someFact(n));
    await log.append(stream, 'noStream', appended);
    return name;
  };

  /** A member that does this with each fact, until the test is over. */
  const join = (name: string, work: (handed: Handed) => Promise<void>): Promise<void> =>
    (async () => {
      for await (const handed of groups.join(name, { signal: stopping.signal })) await work(handed);
    })();

  it('gives each fact to one of the members', async () => {
    const name = await groupOf(60);
    const taken: number[][] = [[], []];
    let letOn = (): void => undefined;
    const bothHaveSome = new Promise<void>((resolve) => (letOn = resolve));
    for (const mine of taken) {
      void join(name, async ({ fact, retries, ack }) => {
        expect(retries).to.equal(0);
        mine.push(fact.revision);
        // Nobody answers before both were given one: else the first may have done with all of them before the other is there.
        if (taken.every(({ length }) => length > 0)) letOn();
        await bothHaveSome;
        await ack();
      });
    }
    await until('all facts', () => taken.flat().length === 60);
    expect(taken.flat().sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: 60 }, (_, n) => n),
    );
    expect(
      taken.every((mine) => mine.length > 0),
      'both had some',
    ).to.equal(true);
  });

  it('hands out again what was refused, parks and passes over what is told to be', async () => {
    const name = await groupOf(3);
    const seen: [number, number][] = [];
    void join(name, async ({ fact, retries, ack, nack }) => {
      seen.push([fact.revision, retries]);
      if (fact.revision === 0 && retries < 2) await nack('retry', 'not yet');
      else if (fact.revision === 1) await nack('park', 'look at it');
      else if (fact.revision === 2) await nack('skip', 'not for us');
      else await ack();
    });
    await until('the third time', () =>
      seen.some(([revision, retries]) => revision === 0 && retries === 2),
    );
    await until('all', () => seen.length === 5);
    expect(seen.filter(([revision]) => revision > 0)).to.have.deep.members([
      [1, 0],
      [2, 0],
    ]);
    const parkedStream = `$persistentsubscription-$all::${name}-parked`;
    const parked = async (): Promise<number> => {
      let links = 0;
      const reading = client.readStream(parkedStream, { resolveLinkTos: true });
      for await (const { link } of reading) if (link) links += 1;
      return links;
    };
    // It is parked once its link is stored, some time after the answer was given.
    await until('it is parked', () =>
      parked().then(
        (links) => links === 1,
        () => false,
      ),
    );
  });

  it('joins again when the node was away, and is handed what it had not answered', async () => {
    const name = await groupOf(8);
    const port = node.port;
    const answered: number[] = [];
    let held: Handed | undefined;
    void join(name, async (handed) => {
      if (handed.fact.revision === 5 && !held) {
        held = handed; // never answered
        return;
      }
      await handed.ack();
      answered.push(handed.fact.revision);
    });
    await until('the others', () => answered.length === 7);
    await node.stop();
    node = await startEventStore({ postgres, port });
    await until('the one that was held', () => answered.includes(5), 20_000);
    expect(interruptions.length).to.be.greaterThan(0);
    const late = await held!.ack().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (late !== undefined) expect(late).to.be.instanceOf(LogUnavailable);
  });

  it('parks a fact that this build does not know, tells of it, and goes on', async () => {
    const name = await groupOf(1);
    await client.appendToStream(stream, jsonEvent({ type: 'NeverHeardOf', data: {} }));
    await log.append(stream, 1, [someFact(2)]);
    const seen: number[] = [];
    void join(name, async ({ fact, ack }) => {
      seen.push(fact.revision);
      await ack();
    });
    await until('the one after it', () => seen.includes(2));
    expect(seen).to.deep.equal([0, 2]);
    expect(String(interruptions[0])).to.contain('NeverHeardOf');
  });

  it('leaves a group that is there as it is, and tells of one that is not', async () => {
    const name = await groupOf(1);
    await groups.ensure({ name, filter: {}, from: null });
    const error = await join('no-such-group', async () => {}).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(GroupMissing);
  });
});
