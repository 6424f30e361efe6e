/**
 * What every log must do for the write side and the read side, whatever it is made of.
 */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { type Log, VersionConflict } from '../../commands/log.js';
import type { Fact, NewFact, Position } from '../../domain/fact.js';
import type { TenantId } from '../../domain/ids.js';
import type { Feed, FeedFilter, FeedItem } from '../../projections/feed.js';

export interface LogUnderTest {
  readonly log: Log;
  readonly feed: Feed;
}

const deadlineMs = 10_000;

export const coin = (coins: number): NewFact => ({
  id: randomUUID(),
  type: 'TillRevoked',
  data: { reason: `${coins} coins` },
  metadata: {
    tenant: 'demo' as TenantId,
    actor: { kind: 'till', id: 'till1' },
    correlationId: 'correlation',
    causationId: 'causation',
    commandId: randomUUID(),
    occurredAt: '2026-01-02T03:04:05.678Z',
    schemaVersion: 1,
    fingerprint: 'f00d',
  },
});
const merchant = (name: string): NewFact => ({
  ...coin(0),
  type: 'MerchantRevoked',
  data: { reason: name },
});

const conflict = async (work: Promise<unknown>): Promise<void> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(VersionConflict);
};

/** Takes items until `enough`, within a deadline. */
const take = async (
  feed: Feed,
  from: Position | null,
  filter: FeedFilter,
  enough: (items: readonly FeedItem[]) => boolean,
): Promise<FeedItem[]> => {
  const stopping = new AbortController();
  const timer = setTimeout(() => stopping.abort(), deadlineMs);
  const items: FeedItem[] = [];
  try {
    for await (const item of feed.subscribe({ from, filter, signal: stopping.signal })) {
      items.push(item);
      if (enough(items)) break;
    }
    if (!enough(items)) throw new Error(`only ${items.length} items within ${deadlineMs} ms`);
    return items;
  } finally {
    clearTimeout(timer);
    stopping.abort();
  }
};
const factsOf = (items: readonly FeedItem[]): Fact[] =>
  items.flatMap((item) => (item.kind === 'fact' ? [item.fact] : []));
const isLive = (items: readonly FeedItem[]) => items.some(({ kind }) => kind === 'caughtUp');

export const logContract = (open: () => Promise<LogUnderTest>): void => {
  let log: Log;
  let feed: Feed;
  let streams = 0;
  /** Streams of this run only, so that the suite may run on a log that is not empty. */
  const run = randomUUID().slice(0, 8);
  const stream = () => `jar-demo.${run}x${(streams += 1)}`;

  before(async () => {
    ({ log, feed } = await open());
  });

  it('reads back what was appended, with its circumstances', async () => {
    const name = stream();
    const facts = [coin(1), coin(2)];
    const { revision, position } = await log.append(name, 'noStream', facts);
    expect(revision).to.equal(1);
    const read = await log.read(name, 0, 10);
    expect(
      read.map(({ id, type, data, metadata }) => ({ id, type, data, metadata })),
    ).to.deep.equal(facts);
    expect(read.map((fact) => [fact.stream, fact.revision])).to.deep.equal([
      [name, 0],
      [name, 1],
    ]);
    expect(read[1]?.position).to.equal(position);
  });

  it('reads from a revision on and no more than asked', async () => {
    const name = stream();
    await log.append(name, 'noStream', [coin(0), coin(1), coin(2), coin(3)]);
    const read = await log.read(name, 1, 2);
    expect(read.map(({ revision }) => revision)).to.deep.equal([1, 2]);
    expect(await log.read(name, 4, 10)).to.deep.equal([]);
  });

  it('reads nothing from a stream that does not exist', async () => {
    expect(await log.read(stream(), 0, 10)).to.deep.equal([]);
  });

  it('refuses an append at another revision than expected', async () => {
    const name = stream();
    await conflict(log.append(name, 0, [coin(1)]));
    await log.append(name, 'noStream', [coin(1)]);
    await conflict(log.append(name, 'noStream', [coin(2)]));
    await conflict(log.append(name, 5, [coin(2)]));
    expect((await log.append(name, 0, [coin(2)])).revision).to.equal(1);
    expect((await log.append(name, 'any', [coin(3)])).revision).to.equal(2);
  });

  it('takes a repeated append as the same append', async () => {
    const name = stream();
    const facts = [coin(1), coin(2)];
    const first = await log.append(name, 'noStream', facts);
    await log.append(name, 1, [coin(3)]);
    const again = await log.append(name, 'noStream', facts);
    expect(again.revision).to.equal(first.revision);
    expect(await log.read(name, 0, 10)).to.have.length(3);
  });

  it('lets one of many at the same revision win', async () => {
    const name = stream();
    await log.append(name, 'noStream', [coin(0)]);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => log.append(name, 0, [coin(i)])),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    expect(await log.read(name, 0, 100)).to.have.length(2);
  });

  it('feeds what lies after a position, then what comes, in order and once', async () => {
    const name = stream();
    const filter = { eventTypes: ['TillRevoked'] };
    const { position } = await log.append(name, 'noStream', [coin(0), coin(1), coin(2)]);
    let next = 2;
    const writer = (async () => {
      for (let i = 3; i < 40; i += 1) await log.append(name, (next += 1) - 1, [coin(i)]);
    })();
    const items = await take(feed, position - 2n, filter, (seen) => {
      return factsOf(seen).filter((fact) => fact.stream === name).length >= 39 && isLive(seen);
    });
    await writer;
    const mine = factsOf(items).filter((fact) => fact.stream === name);
    expect(mine.map(({ revision }) => revision)).to.deep.equal(
      Array.from({ length: 39 }, (_, i) => i + 1),
    );
    const positions = factsOf(items).map((fact) => fact.position);
    expect(positions).to.deep.equal([...positions].sort((a, b) => (a < b ? -1 : 1)));
  });

  it('feeds only the event types and streams asked for', async () => {
    const mine = stream();
    const other = stream();
    const head = await feed.head();
    await log.append(mine, 'noStream', [coin(1)]);
    await log.append(other, 'noStream', [merchant('a'), merchant('b')]);
    await log.append(mine, 0, [merchant('c')]);
    const byType = await take(feed, head, { eventTypes: ['MerchantRevoked'] }, isLive);
    expect(factsOf(byType).map(({ data }) => data)).to.deep.equal(
      ['a', 'b', 'c'].map((reason) => ({ reason })),
    );
    const byStream = await take(feed, head, { streamPrefixes: [mine] }, isLive);
    expect(factsOf(byStream).map(({ type }) => type)).to.deep.equal([
      'TillRevoked',
      'MerchantRevoked',
    ]);
    const both = { eventTypes: ['MerchantRevoked'], streamPrefixes: [mine] };
    expect(factsOf(await take(feed, head, both, isLive))).to.have.length(1);
  });

  it('knows the position of its head', async () => {
    const { position } = await log.append(stream(), 'noStream', [coin(1), coin(2)]);
    expect(await feed.head()).to.equal(position);
  });

  it('ends a subscription that is no longer wanted', async () => {
    const stopping = new AbortController();
    const items: FeedItem[] = [];
    setTimeout(() => stopping.abort(), 100);
    const head = await feed.head();
    for await (const item of feed.subscribe({ from: head, filter: {}, signal: stopping.signal })) {
      items.push(item);
    }
    expect(factsOf(items)).to.deep.equal([]);
  });
};
