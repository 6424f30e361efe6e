import { expect } from 'chai';
import { Batch, type IdPlaces } from '../../../embedded/eventstore/log/batch.js';
import type { Head } from '../../../embedded/eventstore/log/heads.js';
import { headAt, proposed, request, type Answered } from './proposals.js';

const nothingKnown: IdPlaces = new Map();

const decide = (batch: Batch, asked: Answered, head: Head, known = nothingKnown) =>
  batch.decideAppend(asked, head, known, () => {});

describe('deciding appends in a batch', () => {
  it('gives consecutive positions and revisions across appends', () => {
    const batch = new Batch([], 11, 0);
    const one = headAt(-1);
    const other = headAt(4);
    expect(decide(batch, request('one', 'no_stream', [proposed(), proposed()]), one)).to.deep.equal(
      {
        kind: 'stored',
        revision: 1,
        position: 12,
      },
    );
    expect(decide(batch, request('other', 4), other)).to.deep.equal({
      kind: 'stored',
      revision: 5,
      position: 13,
    });
    expect(batch.revisions).to.deep.equal([0, 1, 5]);
    expect(batch.lastPosition).to.equal(13);
  });

  it('judges an append against the earlier ones of the same batch', () => {
    const batch = new Batch([], 1, 0);
    const head = headAt(-1);
    decide(batch, request('s', 'no_stream'), head);
    expect(decide(batch, request('s', 'no_stream'), head)).to.deep.equal({
      kind: 'wrongRevision',
      expected: 'no_stream',
      current: 0,
    });
    expect(decide(batch, request('s', 0), head)).to.deep.include({ kind: 'stored', revision: 1 });
  });

  it('answers an append repeated within the batch like the first', () => {
    for (const expected of ['no_stream', 'any'] as const) {
      const batch = new Batch([], 1, 0);
      const head = headAt(-1);
      const events = [proposed(), proposed()];
      const first = decide(batch, request('s', expected, events), head);
      expect(decide(batch, request('s', expected, events), head)).to.deep.equal(first);
      expect(batch.events).to.have.length(2);
    }
  });

  it('recognises a repetition of what is stored', () => {
    const batch = new Batch([], 50, 0);
    const event = proposed();
    const known: IdPlaces = new Map([
      [event.id.toString('latin1'), [{ revision: 3, position: 20 }]],
    ]);
    const answer = { kind: 'stored', revision: 3, position: 20 };
    expect(decide(batch, request('s', 2, [event]), headAt(9), known)).to.deep.equal(answer);
    expect(decide(batch, request('s', 'any', [event]), headAt(9), known)).to.deep.equal(answer);
    expect(batch.events).to.be.empty;
  });

  it('refuses an append that repeats only in part', () => {
    const batch = new Batch([], 50, 0);
    const event = proposed();
    const known: IdPlaces = new Map([
      [event.id.toString('latin1'), [{ revision: 9, position: 20 }]],
    ]);
    expect(decide(batch, request('s', 'any', [event, proposed()]), headAt(9), known)).to.deep.equal(
      {
        kind: 'wrongRevision',
        expected: 'any',
        current: 9,
      },
    );
  });

  it('checks the expectation of an append of nothing', () => {
    const batch = new Batch([], 50, 0);
    expect(decide(batch, request('s', 9, []), headAt(9))).to.deep.equal({
      kind: 'stored',
      revision: 9,
      position: undefined,
    });
    expect(decide(batch, request('s', 3, []), headAt(9))).to.deep.include({
      kind: 'wrongRevision',
    });
  });

  it('refuses any append to a tombstoned stream', () => {
    const batch = new Batch([], 50, 0);
    expect(decide(batch, request('s', 'any'), { ...headAt(9), isTombstoned: true })).to.deep.equal({
      kind: 'streamDeleted',
    });
  });
});
