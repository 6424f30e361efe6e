import { expect } from 'chai';
import type { Block } from '../../../embedded/eventstore/log/block.js';
import {
  type ForwardPage,
  rowsUpToPageEnd,
  SharedPages,
} from '../../../embedded/eventstore/log/sharedPages.js';

const page = (from: number, changes: Partial<ForwardPage> = {}): ForwardPage => ({
  from,
  rowsMax: 100,
  head: 1_000,
  named: false,
  ...changes,
});

const blockAt = (position: number): Block => ({
  bytes: Buffer.alloc(0),
  starts: [0, 0],
  positions: [position],
  revisions: [0],
  streams: [],
  types: [],
});

const sharing = (keptMs = 1_000) => {
  const read: number[] = [];
  let refuse = false;
  const pages = new SharedPages(
    {
      read: async ({ from }) => {
        read.push(from);
        if (refuse) throw new Error('the database is gone');
        return blockAt(from);
      },
    },
    keptMs,
  );
  return { pages, read, setRefusing: (value: boolean) => (refuse = value) };
};

describe('pages that readers share', () => {
  it('reads a page once for all who want it at about the same time', async () => {
    const { pages, read } = sharing();
    const [one, other] = await Promise.all([pages.read(page(1)), pages.read(page(1))]);
    const third = await pages.read(page(1, { head: 2_000 }));
    expect(read).to.deep.equal([1]);
    expect(one.block).to.equal(other.block);
    expect(third.block).to.equal(one.block);
  });

  it('says how far the log reached when the page was read, also to those who came later', async () => {
    const { pages } = sharing();
    await pages.read(page(1));
    expect((await pages.read(page(1, { head: 2_000 }))).head).to.equal(1_000);
  });

  it('does not share what the log may still add to, nor pages of another size or without names', async () => {
    const { pages, read } = sharing();
    await pages.read(page(950));
    await pages.read(page(950));
    await pages.read(page(1));
    await pages.read(page(1, { rowsMax: 50 }));
    await pages.read(page(1, { named: true }));
    expect(read).to.deep.equal([950, 950, 1, 1, 1]);
  });

  it('reads again after a moment, and after a failure at once', async () => {
    const { pages, read, setRefusing } = sharing(5);
    setRefusing(true);
    const failure = await pages.read(page(1)).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
    setRefusing(false);
    await pages.read(page(1));
    await new Promise((resolve) => setTimeout(resolve, 30));
    await pages.read(page(1));
    expect(read).to.deep.equal([1, 1, 1]);
  });

  it('keeps few pages, the latest', async () => {
    const { pages, read } = sharing();
    for (let from = 1; from <= 65; from += 1) await pages.read(page(from));
    await pages.read(page(65));
    await pages.read(page(1));
    expect(read.slice(-2)).to.deep.equal([65, 1]);
  });

  it('ends pages at the same places wherever a reader began', () => {
    expect(rowsUpToPageEnd(1, 256)).to.equal(256);
    expect(rowsUpToPageEnd(1, 128)).to.equal(128);
    expect(rowsUpToPageEnd(208, 256)).to.equal(49);
    expect(rowsUpToPageEnd(256, 256)).to.equal(1);
    expect(rowsUpToPageEnd(257, 256)).to.equal(256);
  });
});
