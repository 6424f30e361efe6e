/** The first page of a read, while others append and a scavenge removes what they hid. */
import { expect } from 'chai';
import type { Block } from '../../../embedded/eventstore/log/block.js';
import type { Head } from '../../../embedded/eventstore/log/heads.js';
import type { PageRequest } from '../../../embedded/eventstore/log/pages.js';
import {
  firstVisibleRevision,
  METASTREAM_METADATA,
} from '../../../embedded/eventstore/log/streamMetadata.js';
import { openRead, type ReadableLog } from '../../../embedded/eventstore/read/opening.js';
import type { ReadPlan } from '../../../embedded/eventstore/read/plan.js';

const KEPT = { ...METASTREAM_METADATA, maxCount: 20 };

/** A log of one stream: an event's position is its revision plus one. `onPage` happens between look and page. */
class FakeLog implements ReadableLog {
  last = 99;
  removedBelow = 0;
  metadata = KEPT;
  reads = 0;
  readonly recent = { head: 100 };
  constructor(private readonly onPage: (log: FakeLog) => void) {}

  readonly pages = {
    read: async (page: PageRequest): Promise<Block> => {
      this.reads++;
      this.onPage(this);
      const revisions: number[] = [];
      for (let n = this.removedBelow; n <= this.last && n < page.head; n++) {
        const isWithin = page.backwards ? n <= page.from : n >= page.from;
        if (isWithin && n >= (page.fromRevision ?? 0)) revisions.push(n);
      }
      if (page.backwards) revisions.reverse();
      revisions.splice(page.rowsMax);
      const positions = revisions.map((n) => n + 1);
      return { bytes: Buffer.alloc(0), starts: [0], positions, revisions, streams: [], types: [] };
    },
  };

  append(count: number): void {
    this.last += count;
    this.recent.head = this.last + 1;
  }

  async head(): Promise<Head> {
    return { revision: this.last, isTombstoned: false, metadata: this.metadata };
  }

  async firstVisible(_stream: string, { metadata }: Head, at: number): Promise<number> {
    return firstVisibleRevision(at - 1, metadata);
  }
}

const plan = (changes: Partial<ReadPlan> = {}): ReadPlan => ({
  stream: 'counted',
  from: 'start',
  backwards: false,
  limit: Number.MAX_SAFE_INTEGER,
  selection: { filter: undefined, checkpointEvery: undefined },
  resolveLinks: false,
  ...changes,
});

const opened = async (log: FakeLog, changes: Partial<ReadPlan> = {}, rowsMax = 256) => {
  const found = await openRead(plan(changes), log, rowsMax);
  if (found === 'notFound') throw new Error('the stream is there');
  return found.page.revisions;
};

const from = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_nothing, n) => first + n);

const appendAndScavenge = (count: number) => (log: FakeLog) => {
  if (log.reads > 1) return;
  log.append(count);
  log.removedBelow = firstVisibleRevision(log.last, log.metadata);
};

describe('the first page of a read beside a scavenge', () => {
  it('is read once where nothing is missing', async () => {
    const log = new FakeLog(() => {});
    expect(await opened(log)).to.deep.equal(from(80, 20));
    expect(log.reads).to.equal(1);
  });

  it('is read again when what it began with was removed meanwhile', async () => {
    const log = new FakeLog(appendAndScavenge(1));
    expect(await opened(log)).to.deep.equal(from(81, 20));
    expect(log.reads).to.equal(2);
  });

  it('is read again when all of it was removed meanwhile', async () => {
    expect(await opened(new FakeLog(appendAndScavenge(50)))).to.deep.equal(from(130, 20));
  });

  it('is read again backwards, where it ends at what was removed', async () => {
    const log = new FakeLog(appendAndScavenge(3));
    expect(await opened(log, { backwards: true, from: 'end' })).to.deep.equal(
      from(83, 20).reverse(),
    );
    const few = new FakeLog(appendAndScavenge(3));
    expect(await opened(few, { backwards: true, from: 'end' }, 5)).to.deep.equal(
      from(95, 5).reverse(),
    );
    expect(few.reads).to.equal(1);
  });

  it('waits for what was committed and scavenged before it was published', async () => {
    const log = new FakeLog((own) => {
      if (own.reads === 1) {
        own.last += 1;
        own.removedBelow = own.last - 19;
      }
      if (own.reads === 3) own.recent.head = own.last + 1;
    });
    expect(await opened(log)).to.deep.equal(from(81, 20));
  });

  it('takes a gap that has another reason as it is, however the stream grows', async () => {
    const log = new FakeLog((own) => own.append(1));
    log.removedBelow = 95;
    expect(await opened(log)).to.deep.equal(from(95, 5));
    expect(log.reads).to.equal(1);
  });

  it('asks for nothing where nothing is wanted', async () => {
    const log = new FakeLog(appendAndScavenge(1));
    expect(await opened(log, {}, 0)).to.deep.equal([]);
    expect(log.reads).to.equal(1);
  });
});
