/**
 * What link indexes promise about crashes: every event is linked once, in order and without gaps, whatever was killed
 * in between and wherever the index was.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { expect } from 'chai';
import type { EventStoreOptions } from '../../../embedded/eventstore/options.js';
import { startEventStore } from '../../../embedded/eventstore/startEventStore.js';
import { until } from '../../conformance/eventstore/node.js';
import { newDatabase } from './postgres.js';

const ROUNDS = 6;
const WRITERS = 12;
const LINKS = ['categories', 'types', 'streams'] as const;
const NODE_PROCESS = fileURLToPath(new URL('./nodeProcess.js', import.meta.url));

const startProcess = async (
  postgres: EventStoreOptions['postgres'],
): Promise<{ child: ChildProcess; address: string }> => {
  const child = fork(NODE_PROCESS, [JSON.stringify({ postgres, links: LINKS })], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [address] = (await once(child, 'message')) as [string];
  return { child, address };
};

/** Appends until the node is gone. The client waits for ever for an answer that cannot come. */
const write = async (
  client: EventStoreDBClient,
  stream: string,
  { gone, onStored }: { readonly gone: Promise<never>; readonly onStored: () => void },
) => {
  for (let n = 0; ; n++) {
    const appended = client.appendToStream(stream, jsonEvent({ type: 'Counted', data: { n } }));
    try {
      await Promise.race([appended, gone]);
      onStored();
    } catch {
      return;
    }
  }
};

describe('link indexes of a node that is killed', function () {
  this.timeout(120_000);

  it('link every event once, in order', async () => {
    const postgres = await newDatabase();
    for (let round = 0; round < ROUNDS; round++) {
      const { child, address } = await startProcess(postgres);
      const client = EventStoreDBClient.connectionString(address);
      const gone = once(child, 'exit').then(() => Promise.reject(new Error('the node is gone')));
      gone.catch(() => undefined);
      let stored = 0;
      const onStored = () => void (stored += 1);
      const writers = Array.from({ length: WRITERS }, (_, i) =>
        write(client, `counter-${round}x${i}`, { gone, onStored }),
      );
      // At work, and then at any moment.
      await until('appends', () => stored > WRITERS);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
      child.kill('SIGKILL');
      await Promise.all(writers);
      await client.dispose();
    }

    const store = await startEventStore({ postgres, links: LINKS });
    const client = EventStoreDBClient.connectionString(store.connectionString);
    const expected: string[] = [];
    const firsts: string[] = [];
    for await (const { event } of client.readAll()) {
      if (event!.streamId.startsWith('$')) continue;
      const place = `${event!.revision}@${event!.streamId}`;
      expected.push(place);
      if (event!.revision === 0n) firsts.push(place);
    }
    expect(expected.length).to.be.greaterThan(ROUNDS * WRITERS);
    const linked = async (stream: string, count: number): Promise<string[]> => {
      const deadline = Date.now() + 20_000;
      for (;;) {
        const places: string[] = [];
        for await (const { event, link } of client.readStream(stream, { resolveLinkTos: true })) {
          expect(link!.revision).to.equal(BigInt(places.length));
          places.push(`${event!.revision}@${event!.streamId}`);
        }
        if (places.length >= count || Date.now() > deadline) return places;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    expect(await linked('$ce-counter', expected.length)).to.deep.equal(expected);
    expect(await linked('$et-Counted', expected.length)).to.deep.equal(expected);
    expect(await linked('$streams', firsts.length)).to.deep.equal(firsts);
    await client.dispose();
    await store.stop();
  });
});
