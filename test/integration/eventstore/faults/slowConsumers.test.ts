/**
 * Consumers that do not read for long, beside many that do: the node's memory stays where it was, nobody waits for them, and when
 * they read on, everything is there. The node is a process of its own, so that the memory measured is its own.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { binaryEvent, EventStoreDBClient, streamNameFilter } from '@eventstore/db-client';
import { expect } from 'chai';
import { processTree } from '../../../../bench/machine/processes.js';
import { until } from '../../../conformance/eventstore/node.js';
import { newDatabase } from '../postgres.js';

const program = fileURLToPath(new URL('../nodeProcess.js', import.meta.url));
const megabyte = 1024 * 1024;
const stalledCount = 8;
const readingCount = 40;
const eventBytes = 50_000;
const eventsPerAppend = 16;

/** Resident memory of a process. */
const memoryOf = (pid: number): number =>
  processTree(pid).find((one) => one.pid === pid)?.rssBytes ?? Number.NaN;

describe('a node with slow consumers', function () {
  this.timeout(180_000);

  it('holds nothing for them, keeps nobody waiting, and has everything when they go on', async () => {
    const node = fork(program, [JSON.stringify({ postgres: await newDatabase() })], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [address] = (await once(node, 'message')) as [string];
    const client = EventStoreDBClient.connectionString(address);
    const data = Buffer.alloc(eventBytes, 'x');
    let appended = 0;
    const append = async (megabytes: number): Promise<void> => {
      for (let bytes = 0; bytes < megabytes * megabyte; bytes += eventsPerAppend * eventBytes) {
        const events = Array.from({ length: eventsPerAppend }, () =>
          binaryEvent({ type: 'Filled', data }),
        );
        await client.appendToStream(`filler-${appended % 7}`, events);
        appended += eventsPerAppend;
      }
    };

    const stalled = Array.from({ length: stalledCount }, () => client.subscribeToAll());
    // Many that read, of whom most find little: what is sent would else be the test's own load.
    const counts = Array.from({ length: readingCount }, () => 0);
    const reading = counts.map((_zero, i) =>
      client
        .subscribeToAll({
          filter:
            i < 2
              ? streamNameFilter({ prefixes: ['filler-'] })
              : streamNameFilter({ prefixes: ['marker-'] }),
        })
        .on('data', () => (counts[i]! += 1)),
    );
    const allRead = (markers: number) =>
      counts.every((count, i) => count === (i < 2 ? appended : markers));
    const mark = () =>
      client.appendToStream('marker-1', binaryEvent({ type: 'Marked', data: Buffer.from('!') }));

    await append(48); // past what the node keeps as recent, and past all windows and buffers
    await mark();
    await until('everything read', () => allRead(1), 40_000);
    const before = memoryOf(node.pid!);
    await append(64);
    const markedAt = performance.now();
    await mark();
    await until('everything read again', () => allRead(2), 40_000);
    const waitedMs = performance.now() - markedAt;
    const grown = memoryOf(node.pid!) - before;
    // 64 MB more for each of eight would be 512 MB; what is left is the collector's leisure.
    expect(grown / megabyte, 'growth in MB').to.be.lessThan(48);
    // Whoever waited for those that stall would wait for ever.
    expect(waitedMs, 'ms until everybody had the last event').to.be.lessThan(10_000);

    let next = 1n;
    stalled[0]!.on('data', ({ event }) => {
      if (event!.position!.commit === next) next += 1n;
    });
    const total = BigInt(appended + 2);
    await until('the stalled one to have everything, in order', () => next === total + 1n, 30_000);
    for (const subscription of [...stalled, ...reading]) await subscription.unsubscribe();
    await client.dispose();
    const exited = once(node, 'exit');
    node.kill('SIGKILL');
    await exited;
  });
});
