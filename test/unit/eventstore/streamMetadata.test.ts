import { expect } from 'chai';
import {
  DELETED_METADATA,
  firstVisibleRevision,
  parseStreamMetadata,
  withTruncateBefore,
} from '../../../embedded/eventstore/log/streamMetadata.js';

const parse = (json: string) => parseStreamMetadata(Buffer.from(json));

describe('stream metadata', () => {
  it('say which events may still be read', () => {
    expect(firstVisibleRevision(9, undefined)).to.equal(0);
    expect(firstVisibleRevision(9, parse('{"$maxCount":3}'))).to.equal(7);
    expect(firstVisibleRevision(9, parse('{"$maxCount":30}'))).to.equal(0);
    expect(firstVisibleRevision(9, parse('{"$tb":4}'))).to.equal(4);
    expect(firstVisibleRevision(9, parse('{"$tb":4,"$maxCount":3}'))).to.equal(7);
  });

  it('mark a stream as deleted by a truncation no revision reaches', () => {
    expect(parse(DELETED_METADATA)!.isDeleted).to.equal(true);
  });

  it('keep their other keys when a stream is begun anew', () => {
    const limited = parse('{"$maxAge":60,"owner":"shop","$tb":3}');
    expect(JSON.parse(withTruncateBefore(limited, 5))).to.deep.equal({
      $maxAge: 60,
      owner: 'shop',
      $tb: 5,
    });
    expect(withTruncateBefore(undefined, 5)).to.equal('{"$tb":5}');
  });

  it('say nothing when they are not a JSON object', () => {
    for (const json of ['', 'nonsense', '[]', 'null', '7']) expect(parse(json)).to.equal(undefined);
  });
});
