/** Searches that wait for the position of a fact which never comes to their documents, in a log that tells of none that it leaves out. */
import { expect } from 'chai';
import type { Fact } from '../../../domain/fact.js';
import { openDocuments } from '../../../platform/compose/documents.js';
import { createLogger } from '../../../platform/logging.js';
import { createMetrics } from '../../../platform/metrics.js';
import { passedOver } from '../../../projections/documents/passedOver.js';
import { createReached } from '../../../projections/documents/reached.js';
import type { Feed } from '../../../projections/feed.js';
import { ProjectionBehind } from '../../../projections/waiting.js';
import { failure } from '../commands/failure.js';
import { createMemoryFeed } from '../projections/memoryFeed.js';

const factAt = (type: string, position: bigint) => ({ type, position }) as Fact;
const never = new AbortController().signal;

const openLog = (...facts: readonly Fact[]) => {
  const memory = createMemoryFeed(facts);
  const feed: Feed = {
    head: memory.head,
    subscribe: async function* (options) {
      for await (const item of memory.subscribe(options))
        if (item.kind !== 'checkpoint') yield item;
    },
  };
  return { feed, add: memory.add, opened: memory.opened };
};

describe('where nothing of a kind is in the log', () => {
  it('is up to its end, or up to the first of it', async () => {
    const { feed } = openLog(factAt('A', 3n), factAt('B', 7n), factAt('A', 9n));
    const after = (position: bigint, ...types: string[]) =>
      passedOver(feed, types, position, never);
    expect(await after(0n, 'C')).to.equal(9n);
    expect(await after(0n, 'B')).to.equal(6n);
    expect(await after(7n, 'B')).to.equal(9n);
    expect(await after(9n, 'A', 'B')).to.equal(null);
    expect(await passedOver(openLog().feed, ['A'], 0n, never)).to.equal(null);
  });
});

describe('waiting for documents that a fact does not come to', () => {
  it('ends soon, for all who wait, and with one look at the log', async () => {
    const { feed, opened } = openLog(factAt('Own', 3n), factAt('Other', 7n));
    const reached = createReached(null, (_name, from, signal) =>
      passedOver(feed, ['Own'], from, signal),
    );
    reached.announce('a', 3n);
    const started = performance.now();
    await Promise.all([7n, 6n, 7n].map((position) => reached.waitFor('a', position, 20_000)));
    expect(performance.now() - started).to.be.lessThan(10_000);
    expect(opened()).to.equal(1);
    reached.close();
  });

  it('does not end before those are there that do come to them', async () => {
    const { feed } = openLog(factAt('Own', 3n), factAt('Other', 7n));
    const reached = createReached(null, (_name, from, signal) =>
      passedOver(feed, ['Own'], from, signal),
    );
    let ended = false;
    const waiting = reached.waitFor('a', 7n, 20_000).then(() => (ended = true));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(ended).to.equal(false);
    reached.announce('a', 3n);
    await waiting;
    reached.close();
  });
});

describe('documents that nothing has woken yet', () => {
  const open = (feed: Feed) =>
    openDocuments({
      ...{ config: { mongodbUrl: '' }, connectionString: 'esdb://127.0.0.1:1', feed },
      logger: createLogger({ logLevel: 'silent', logFormat: 'json', logFile: '' }),
      metrics: createMetrics(),
      ...{ answers: true, fills: true, gates: false },
    });

  it('have everything that is in the log', async () => {
    const { feed, add } = openLog(factAt('CustomerEnrolled', 3n));
    const documents = open(feed);
    try {
      await documents.waitFor('messages', 3n, 20_000);
      add([factAt('CustomerEnrolled', 5n)]);
      const started = performance.now();
      for (const name of ['messages', 'messageAttempts', 'publications', 'attempts', 'handovers']) {
        await documents.waitFor(name, 5n, 20_000);
      }
      expect(performance.now() - started).to.be.lessThan(10_000);
      expect(documents.state()).to.equal('asleep');
    } finally {
      await documents.stop();
    }
  });

  it('say of a position that there is not where the log ends', async () => {
    const documents = open(openLog(factAt('CustomerEnrolled', 3n)).feed);
    try {
      const refused = await failure(documents.waitFor('messages', 99n, 30));
      expect(refused).to.be.instanceOf(ProjectionBehind);
      expect((refused as ProjectionBehind).why).to.match(
        /^the log ends at 3\. Give the `position`/,
      );
    } finally {
      await documents.stop();
    }
  });
});
