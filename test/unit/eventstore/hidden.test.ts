import { expect } from 'chai';
import { TOMBSTONE_REVISION } from '../../../embedded/eventstore/log/append.js';
import { parseStreamMetadata } from '../../../embedded/eventstore/log/streamMetadata.js';
import { hiddenPart } from '../../../embedded/eventstore/tools/hidden.js';

const NOW = 1_700_000_000_000;
const hidden = (lastRevision: number, metadata: string, stream = 'account-1') =>
  hiddenPart(stream, lastRevision, parseStreamMetadata(Buffer.from(metadata)), NOW);

describe('what a scavenge may remove of a stream', () => {
  it('is nothing without metadata', () => {
    expect(hiddenPart('account-1', 9, undefined, NOW)).to.deep.equal({
      beforeRevision: 0,
      beforeMs: 0,
    });
  });

  it('is what $maxCount and $tb leave out, whichever is more', () => {
    expect(hidden(9, '{"$maxCount":3}').beforeRevision).to.equal(7);
    expect(hidden(9, '{"$tb":8,"$maxCount":3}').beforeRevision).to.equal(8);
  });

  it('is what is older than $maxAge', () => {
    expect(hidden(9, '{"$maxAge":60}').beforeMs).to.equal(NOW - 60_000);
  });

  it('is everything but the last event of a deleted stream', () => {
    expect(hidden(9, '{"$tb":9223372036854775807}').beforeRevision).to.equal(9);
    expect(hidden(9, '{"$maxCount":0}').beforeRevision).to.equal(9);
  });

  it('is everything but the tombstone of a tombstoned stream', () => {
    expect(hidden(TOMBSTONE_REVISION, '{}').beforeRevision).to.equal(TOMBSTONE_REVISION);
  });

  it('is all metadata but the newest', () => {
    expect(hiddenPart('$$account-1', 4, undefined, NOW).beforeRevision).to.equal(4);
  });
});
