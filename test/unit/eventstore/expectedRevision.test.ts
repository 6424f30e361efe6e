import { expect } from 'chai';
import {
  findRepetition,
  judge,
  type StoredId,
} from '../../../embedded/eventstore/log/expectedRevision.js';

const at = (revision: number) => ({ revision, isDeleted: false, hasMetadata: false });
const deletedAt = (revision: number) => ({ revision, isDeleted: true, hasMetadata: true });

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
    expect(judge('no_stream', deletedAt(7))).to.equal('repeatedOrWrite');
    expect(judge(7, deletedAt(7))).to.equal('write');
    expect(judge('stream_exists', deletedAt(7))).to.equal('deleted');
  });

  it('takes a stream that has only metadata for existing', () => {
    expect(judge('stream_exists', { ...at(-1), hasMetadata: true })).to.equal('write');
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

  it('recognises ids anywhere when no revision is expected', () => {
    expect(findRepetition('any', 2, places([7], [8]))).to.deep.equal({
      kind: 'repeated',
      last: stored(8),
    });
    expect(findRepetition('stream_exists', 1, places([0]))).to.deep.equal({
      kind: 'repeated',
      last: stored(0),
    });
    expect(findRepetition('any', 2, places([9], [4]))).to.deep.equal({
      kind: 'repeated',
      last: stored(4),
    });
  });

  it('takes an id that stands in several places for where it was stored last', () => {
    expect(findRepetition('any', 2, places([1, 6], [7, 2]))).to.deep.equal({
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
