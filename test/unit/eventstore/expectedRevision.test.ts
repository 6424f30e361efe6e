import { expect } from 'chai';
import {
  findRepetition,
  judge,
  type StoredId,
} from '../../../embedded/eventstore/log/expectedRevision.js';

const at = (revision: number) => ({ revision, isDeleted: false });

describe('judging an expected revision', () => {
  it('writes when the expectation is exactly met', () => {
    expect(judge('no_stream', at(-1))).to.equal('write');
    expect(judge(4, at(4))).to.equal('write');
    expect(judge('any', at(-1))).to.equal('write');
  });

  it('refuses an expectation beyond the end of the stream', () => {
    expect(judge(5, at(4))).to.equal('refuse');
    expect(judge(0, at(-1))).to.equal('refuse');
    expect(judge('stream_exists', at(-1))).to.equal('refuse');
  });

  it('takes an expectation behind the end for a repetition or a refusal', () => {
    expect(judge(3, at(4))).to.equal('repeatedOrRefuse');
    expect(judge('no_stream', at(0))).to.equal('repeatedOrRefuse');
  });

  it('takes an append without an exact expectation to a stream for a repetition or a new one', () => {
    expect(judge('any', at(0))).to.equal('repeatedOrWrite');
    expect(judge('stream_exists', at(0))).to.equal('repeatedOrWrite');
  });

  it('lets a deleted stream be begun anew, but not be taken for existing', () => {
    expect(judge('no_stream', { revision: 7, isDeleted: true })).to.equal('write');
    expect(judge(7, { revision: 7, isDeleted: true })).to.equal('write');
    expect(judge('stream_exists', { revision: 7, isDeleted: true })).to.equal('refuse');
  });
});

describe('finding a repetition', () => {
  const stored = (revision: number): StoredId => ({ revision, position: 100 + revision });
  const places =
    (...revisions: number[][]) =>
    (index: number): StoredId[] =>
      (revisions[index] ?? []).map(stored);

  it('recognises ids at the revisions the append would have taken', () => {
    expect(findRepetition(2, 2, places([3], [4]))).to.deep.equal({
      kind: 'repeated',
      last: stored(4),
    });
    expect(findRepetition('no_stream', 1, places([0]))).to.deep.equal({
      kind: 'repeated',
      last: stored(0),
    });
  });

  it('does not recognise the same ids elsewhere in the stream', () => {
    expect(findRepetition(2, 1, places([5]))).to.deep.equal({ kind: 'new' });
  });

  it('recognises ids in a row anywhere when no revision is expected', () => {
    expect(findRepetition('any', 2, places([7], [8]))).to.deep.equal({
      kind: 'repeated',
      last: stored(8),
    });
    expect(findRepetition('stream_exists', 1, places([0]))).to.deep.equal({
      kind: 'repeated',
      last: stored(0),
    });
  });

  it('finds the whole repetition also when the first id stands in several places', () => {
    expect(findRepetition('any', 2, places([1, 6], [7]))).to.deep.equal({
      kind: 'repeated',
      last: stored(7),
    });
  });

  it('tells a repetition that breaks off from a new append', () => {
    expect(findRepetition('any', 2, places([7], []))).to.deep.equal({ kind: 'partial' });
    expect(findRepetition(0, 2, places([1], [9]))).to.deep.equal({ kind: 'partial' });
    expect(findRepetition('any', 2, places([], []))).to.deep.equal({ kind: 'new' });
  });
});
