import { expect } from 'chai';
import type { Block } from '../../../embedded/eventstore/log/block.js';
import { compileFilter } from '../../../embedded/eventstore/read/filter.js';
import { Selector } from '../../../embedded/eventstore/read/selector.js';
import { checkpoint } from '../../../embedded/eventstore/wire/readAnswers.js';

/** A block of one-letter streams whose events are one byte each: that letter. */
const block = (streams: string): Block => ({
  bytes: Buffer.from(streams),
  starts: [...streams, ''].map((_letter, i) => i),
  positions: [...streams].map((_letter, i) => i + 1),
  revisions: [...streams].map(() => 0),
  streams: [...streams],
  types: [...streams].map((letter) => (letter === '$' ? '$metadata' : 'Happened')),
});

const only = (letter: string) => compileFilter({ on: 'stream', prefixes: [letter], regex: '' });

const select = (selector: Selector, streams: string): string[] => {
  const pieces: Buffer[] = [];
  selector.select(block(streams), 0, streams.length, pieces);
  return pieces.map(String);
};

describe('filters', () => {
  it('pass by prefix, one of several prefixes, or a regular expression', () => {
    const passes = (on: 'stream' | 'type', prefixes: string[], regex: string) =>
      compileFilter({ on, prefixes, regex })('account-t.1', 'PurchaseConfirmed');
    expect(passes('stream', ['account-'], '')).to.equal(true);
    expect(passes('stream', ['till-'], '')).to.equal(false);
    expect(passes('type', ['Points', 'Purchase'], '')).to.equal(true);
    expect(passes('type', [], '^Purchase(Confirmed|Returned)$')).to.equal(true);
    expect(passes('type', [], '^Points')).to.equal(false);
  });

  it('exclude system events by the expression the official client sends for that', () => {
    const filter = compileFilter({ on: 'type', prefixes: [], regex: '^[^$].*' });
    expect(filter('$$s', '$metadata')).to.equal(false);
    expect(filter('s', 'Happened')).to.equal(true);
  });

  it('remember no answer wrongly', () => {
    const filter = compileFilter({ on: 'type', prefixes: [], regex: 'a' });
    expect([filter('', 'a'), filter('', 'b'), filter('', 'a')]).to.deep.equal([true, false, true]);
  });
});

describe('selecting what to send', () => {
  it('sends everything as one piece without a filter', () => {
    expect(
      select(new Selector({ filter: undefined, checkpointEvery: undefined }), 'abc'),
    ).to.deep.equal(['abc']);
  });

  it('sends neighbours together and leaves out what does not pass', () => {
    const selector = new Selector({ filter: only('a'), checkpointEvery: undefined });
    expect(select(selector, 'aabcaaa')).to.deep.equal(['aa', 'aaa']);
    expect(select(selector, 'bbb')).to.deep.equal([]);
  });

  it('puts a checkpoint after every so many events considered, passed or not, across blocks', () => {
    const selector = new Selector({ filter: only('a'), checkpointEvery: 3 });
    expect(select(selector, 'abaa')).to.deep.equal(['a', 'a', String(checkpoint(3)), 'a']);
    expect(select(selector, 'bb')).to.deep.equal([String(checkpoint(2))]);
  });

  it('stops at the limit', () => {
    const plain = new Selector({ filter: undefined, checkpointEvery: undefined }, 4);
    expect([select(plain, 'abc'), select(plain, 'def'), select(plain, 'ghi')]).to.deep.equal([
      ['abc'],
      ['d'],
      [],
    ]);
    const filtered = new Selector({ filter: only('a'), checkpointEvery: undefined }, 2);
    expect(select(filtered, 'abaa')).to.deep.equal(['a', 'a']);
    expect(filtered.remaining).to.equal(0);
  });
});
