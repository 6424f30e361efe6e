import { expect } from 'chai';
import {
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
    const deleted = parse(withTruncateBefore(parse('{"$maxAge":60,"owner":"shop"}'), 'deleted'))!;
    expect(deleted.isDeleted).to.equal(true);
    expect(deleted.maxAgeS).to.equal(60);
    expect(deleted.values['owner']).to.equal('shop');
    expect(withTruncateBefore(undefined, 'deleted')).to.equal('{"$tb":9223372036854775807}');
    expect(parse(withTruncateBefore(deleted, 5))).to.deep.include({
      isDeleted: false,
      truncateBefore: 5,
      maxAgeS: 60,
    });
  });

  it('say nothing when they are not a JSON object', () => {
    for (const json of ['', 'nonsense', '[]', 'null', '7']) expect(parse(json)).to.equal(undefined);
  });
});
