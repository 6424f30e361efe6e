import { Type } from '@sinclair/typebox';
import { expect } from 'chai';
import { defineCommand, step, type CommandContext } from '../../../commands/command.js';
import { createDirectory } from '../../../commands/directory.js';
import { createHandler, type CommandRecord } from '../../../commands/handle.js';
import { type Log, LogUnavailable, VersionConflict } from '../../../commands/log.js';
import type { Snapshot, Snapshots } from '../../../commands/snapshots.js';
import { InvalidInput } from '../../../commands/validation.js';
import type { Aggregate } from '../../../domain/event.js';
import type { TenantId } from '../../../domain/ids.js';
import { Rejected, rejected } from '../../../domain/rejected.js';
import { streamName } from '../../../domain/stream.js';
import { createMemoryLog } from '../../../platform/memory/log.js';

/** A jar that takes coins: small enough to see the write path itself. */
type JarEvent = { type: 'CoinsAdded'; data: { coins: number } };
type Jar = { readonly coins: number; readonly added: number };
const jar: Aggregate<Jar, JarEvent> = {
  category: 'jar',
  initial: () => ({ coins: 0, added: 0 }),
  evolve: (state, { data }) => ({ coins: state.coins + data.coins, added: state.added + 1 }),
  snapshot: {
    every: 3,
    schemaVersion: 1,
    take: (state) => state,
    restore: (json) => json as Jar,
  },
};
const jarStream = streamName('jar', 'demo' as TenantId, 'one');
const lidStream = streamName('lid', 'demo' as TenantId, 'one');

const addCoins = defineCommand({
  name: 'AddCoins',
  summary: 'Puts coins into the jar.',
  input: Type.Object(
    { coins: Type.Integer({ minimum: 0 }), claim: Type.Optional(Type.Boolean()) },
    { additionalProperties: false },
  ),
  aggregate: jar,
  stream: () => jarStream,
  lookUp: () => null,
  decide: ({ coins }, state): JarEvent[] => {
    if (state.coins + coins > 100) throw rejected('basket-too-large', { coins: state.coins });
    return coins === 0 ? [] : [{ type: 'CoinsAdded', data: { coins } }];
  },
  reserve: ({ claim }) =>
    claim
      ? [
          step({
            stream: lidStream,
            aggregate: jar,
            decide: (lid: Jar): JarEvent[] => {
              if (lid.added > 0) throw rejected('card-taken');
              return [{ type: 'CoinsAdded', data: { coins: 1 } }];
            },
          }),
        ]
      : [],
  answer: ({ events, state }) => ({
    added: events.reduce((sum, event) => sum + event.data.coins, 0),
    total: state.coins,
  }),
});

const context = (idempotencyKey: string): CommandContext => ({
  tenant: 'demo' as TenantId,
  actor: { kind: 'till', id: 'till1' },
  now: Date.UTC(2026, 0, 1),
  idempotencyKey,
  correlationId: 'c-1',
});

const caught = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe('the write path', () => {
  it('appends what was decided and answers with the position', async () => {
    const log = createMemoryLog();
    const { handle } = createHandler({ log, directory: createDirectory() });
    const first = await handle(addCoins, { coins: 5 }, context('a'));
    const second = await handle(addCoins, { coins: 7 }, context('b'));
    expect(first).to.deep.equal({ answer: { added: 5, total: 5 }, position: 1n, repeated: false });
    expect(second).to.deep.equal({
      answer: { added: 7, total: 12 },
      position: 2n,
      repeated: false,
    });
    expect(log.facts.map(({ stream, revision }) => [stream, revision])).to.deep.equal([
      [jarStream, 0],
      [jarStream, 1],
    ]);
  });

  it('answers a repeated command from the events it recorded, and appends nothing', async () => {
    const log = createMemoryLog();
    const directory = createDirectory();
    const { handle } = createHandler({ log, directory });
    await handle(addCoins, { coins: 5 }, context('a'));
    await handle(addCoins, { coins: 7 }, context('b'));
    const repeat = await handle(addCoins, { coins: 5 }, context('a'));
    const elsewhere = await createHandler({ log, directory }).handle(
      addCoins,
      { coins: 5 },
      context('a'),
    );
    for (const { answer, position, repeated } of [repeat, elsewhere]) {
      expect([answer.added, position, repeated]).to.deep.equal([5, 1n, true]);
    }
    expect(log.facts).to.have.length(2);
  });

  it('refuses the same key with another body', async () => {
    const { handle } = createHandler({ log: createMemoryLog(), directory: createDirectory() });
    await handle(addCoins, { coins: 5 }, context('a'));
    const error = await caught(handle(addCoins, { coins: 6 }, context('a')));
    expect(error).to.be.instanceOf(Rejected).with.property('code', 'idempotency-key-reused');
  });

  it('names every fault of an invalid input and does not look at the log', async () => {
    const log = createMemoryLog();
    const { handle } = createHandler({ log, directory: createDirectory() });
    const input = { coins: -1, other: true } as never;
    const error = await caught(handle(addCoins, input, context('a')));
    expect(error).to.be.instanceOf(InvalidInput);
    expect((error as InvalidInput).faults).to.deep.equal([
      { pointer: '/other', reason: 'is not a known field' },
      { pointer: '/coins', reason: 'must be >= 0' },
    ]);
  });

  it('decides a lost race again on the reloaded state', async () => {
    const log = createMemoryLog();
    const directory = createDirectory();
    const tills = [1, 2, 3].map(() => createHandler({ log, directory }));
    for (const till of tills) await till.state(jarStream, jar);
    const answers = await Promise.all(
      tills.map((till, i) => till.handle(addCoins, { coins: 10 }, context(`k${i}`))),
    );
    expect(answers.map(({ answer }) => answer.total).sort()).to.deep.equal([10, 20, 30]);
    expect(log.facts.map(({ revision }) => revision)).to.deep.equal([0, 1, 2]);
  });

  it('never passes a limit, however many decide at once', async () => {
    const log = createMemoryLog();
    const directory = createDirectory();
    const tills = [1, 2].map(() => createHandler({ log, directory }));
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        caught(
          (tills[i % 2] as (typeof tills)[0]).handle(addCoins, { coins: 10 }, context(`k${i}`)),
        ),
      ),
    );
    expect(outcomes.filter((error) => error === null)).to.have.length(10);
    expect(log.facts).to.have.length(10);
  });

  it('never refuses on a state that another process has left behind', async () => {
    const log = createMemoryLog();
    const directory = createDirectory();
    const [one, other] = [1, 2].map(() => createHandler({ log, directory }));
    const takeOut: typeof addCoins = {
      ...addCoins,
      name: 'NeedFullJar',
      decide: ({ coins }, state) => {
        if (state.coins < 50) throw rejected('not-enough-points');
        return [{ type: 'CoinsAdded', data: { coins } }];
      },
    };
    await one?.state(jarStream, jar);
    await other?.handle(addCoins, { coins: 50 }, context('a'));
    const handled = await one?.handle(takeOut, { coins: 1 }, context('b'));
    expect(handled?.answer.total).to.equal(51);
    const error = await caught(
      createHandler({ log, directory }).handle(addCoins, { coins: 99 }, context('c')),
    );
    expect(error).to.be.instanceOf(Rejected);
  });

  it('never finds nothing to do on a state that another process has left behind', async () => {
    const log = createMemoryLog();
    const directory = createDirectory();
    const [one, other] = [1, 2].map(() => createHandler({ log, directory }));
    const topUp: typeof addCoins = {
      ...addCoins,
      name: 'TopUp',
      decide: ({ coins }, state) =>
        state.coins === 0 ? [] : [{ type: 'CoinsAdded', data: { coins } }],
    };
    await one?.state(jarStream, jar);
    await other?.handle(addCoins, { coins: 50 }, context('a'));
    const handled = await one?.handle(topUp, { coins: 1 }, context('b'));
    expect(handled).to.deep.include({ repeated: false, position: 2n });
    expect(log.facts).to.have.lengthOf(2);
  });

  it('reads on for a state that has to be fresh, and only then', async () => {
    const log = createMemoryLog();
    const directory = createDirectory();
    const [one, other] = [1, 2].map(() => createHandler({ log, directory }));
    await one?.state(jarStream, jar);
    await other?.handle(addCoins, { coins: 50 }, context('a'));
    expect((await one?.state(jarStream, jar))?.coins).to.equal(0);
    expect((await one?.state(jarStream, jar, 60_000))?.coins).to.equal(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await one?.state(jarStream, jar, 1))?.coins).to.equal(50);
  });

  it('gives up after a bounded number of lost races', async () => {
    let appends = 0;
    const log: Log = {
      read: async () => [],
      append: async (stream) => {
        appends += 1;
        throw new VersionConflict(stream);
      },
    };
    const { handle } = createHandler({ log, directory: createDirectory() });
    const error = await caught(handle(addCoins, { coins: 1 }, context('a')));
    expect(error).to.be.instanceOf(VersionConflict);
    expect(appends).to.equal(8);
  });

  it('reloads after an append whose outcome is unknown, and then answers the repeat', async () => {
    const memory = createMemoryLog();
    let lost = false;
    const log: Log = {
      read: memory.read,
      append: async (...args) => {
        const appended = await memory.append(...args);
        if (lost) return appended;
        lost = true;
        throw new LogUnavailable('the answer got lost');
      },
    };
    const { handle } = createHandler({ log, directory: createDirectory() });
    const error = await caught(handle(addCoins, { coins: 4 }, context('a')));
    expect(error).to.be.instanceOf(LogUnavailable);
    const repeat = await handle(addCoins, { coins: 4 }, context('a'));
    expect(repeat).to.deep.include({ repeated: true, answer: { added: 4, total: 4 } });
    expect(memory.facts).to.have.length(1);
  });

  it('wins what must be unique before it appends, and not when the decision was against it', async () => {
    const log = createMemoryLog();
    const { handle } = createHandler({ log, directory: createDirectory() });
    await caught(handle(addCoins, { coins: 101, claim: true }, context('x')));
    expect(log.facts).to.have.length(0);
    await handle(addCoins, { coins: 1, claim: true }, context('a'));
    expect(log.facts.map(({ stream }) => stream)).to.deep.equal([lidStream, jarStream]);
    const error = await caught(handle(addCoins, { coins: 2, claim: true }, context('b')));
    expect(error).to.be.instanceOf(Rejected).with.property('code', 'card-taken');
    expect(log.facts).to.have.length(2);
  });

  it('starts from a snapshot and still knows a command from before it', async () => {
    const log = createMemoryLog();
    const saved = new Map<string, Snapshot>();
    const snapshots: Snapshots = {
      load: async (stream) => saved.get(stream) ?? null,
      save: async (stream, _version, snapshot) => void saved.set(stream, snapshot),
    };
    const reads: number[] = [];
    const watched: Log = {
      append: log.append,
      read: (stream, from, limit) => {
        reads.push(from);
        return log.read(stream, from, limit);
      },
    };
    const directory = createDirectory();
    const before = createHandler({ log, directory, snapshots });
    for (const key of ['a', 'b', 'c', 'd'])
      await before.handle(addCoins, { coins: 1 }, context(key));
    expect(saved.get(jarStream)?.revision).to.equal(2);
    const after = createHandler({ log: watched, directory, snapshots });
    const repeat = await after.handle(addCoins, { coins: 1 }, context('a'));
    expect(repeat.repeated).to.equal(true);
    expect(repeat.answer.total).to.equal(4);
    expect(reads[0]).to.equal(3);
  });

  it('tells one wide record of every command, also of one that failed', async () => {
    const records: CommandRecord[] = [];
    const { handle } = createHandler({
      log: createMemoryLog(),
      directory: createDirectory(),
      onHandled: (record) => records.push(record),
    });
    await handle(addCoins, { coins: 5 }, context('a'));
    await handle(addCoins, { coins: 5 }, context('a'));
    await caught(handle(addCoins, { coins: 500 }, context('b')));
    expect(
      records.map(({ command, events, repeated, error }) => [
        command,
        events,
        repeated,
        (error as Rejected | null)?.code ?? null,
      ]),
    ).to.deep.equal([
      ['AddCoins', 1, false, null],
      ['AddCoins', 0, true, null],
      ['AddCoins', 0, false, 'basket-too-large'],
    ]);
  });
});
