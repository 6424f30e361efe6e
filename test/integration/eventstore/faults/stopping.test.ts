/** A node that is told to stop while it is used: every call is answered, or told that the node is not available. */
import { EventStoreDBClient } from '@eventstore/db-client';
import { expect } from 'chai';
import { startEventStore } from '../../../../embedded/eventstore/startEventStore.js';
import {
  counted,
  newStream,
  numbersOf,
  rejectionOf,
  until,
} from '../../../conformance/eventstore/node.js';
import { newDatabase } from '../postgres.js';

const typeOf = (error: unknown): unknown => (error as { type?: unknown }).type;

describe('a node that is stopping', function () {
  this.timeout(120_000);

  it('answers pending appends or says that it is not available, and stores what it answered', async () => {
    const postgres = await newDatabase();
    const first = await startEventStore({ postgres });
    const client = EventStoreDBClient.connectionString(first.connectionString);
    await client.appendToStream(newStream(), counted(0));
    const streams = Array.from({ length: 3_000 }, () => newStream());
    let stored = 0;
    const pending = streams.map((stream) =>
      client.appendToStream(stream, counted(7)).then(() => (stored += 1) && 'stored', typeOf),
    );
    await until('the first answers', () => stored > 20);
    await first.stop();
    const outcomes = await Promise.all(pending);
    expect(outcomes.filter((outcome) => outcome !== 'unavailable')).to.deep.equal(
      Array.from({ length: stored }, () => 'stored'),
    );
    await client.dispose();

    const next = await startEventStore({ postgres });
    const reader = EventStoreDBClient.connectionString(next.connectionString);
    for (const [i, stream] of streams.entries()) {
      if (outcomes[i] === 'stored' && i % 25 === 0)
        expect(await numbersOf(reader.readStream(stream))).to.deep.equal([7]);
    }
    await reader.dispose();
    await next.stop();
  });

  it('says that it is not available to new appends, reads, deletes and subscriptions while it drains', async () => {
    const store = await startEventStore({ postgres: await newDatabase() });
    const client = EventStoreDBClient.connectionString(store.connectionString);
    const stream = newStream();
    await client.appendToStream(stream, counted(0));
    const subscription = client.subscribeToAll();
    const failures: Error[] = [];
    subscription.on('data', () => {}).on('error', (error) => failures.push(error));
    await new Promise((resolve) => subscription.once('confirmation', resolve));
    const stopped = store.stop();
    const late = [
      client.appendToStream(stream, counted(1)),
      client.appendToStream(stream, counted(2), { credentials: { username: 'a', password: 'b' } }),
      client.deleteStream(stream),
      numbersOf(client.readStream(stream)),
      numbersOf(client.readAll()),
    ];
    const errors = await Promise.all(late.map((call) => rejectionOf(call)));
    expect(errors.map(typeOf)).to.deep.equal(late.map(() => 'unavailable'));
    await until('the end of the subscription', () => failures.length > 0);
    expect(typeOf(failures[0])).to.equal('unavailable');
    await stopped;
    await client.dispose();
  });
});
