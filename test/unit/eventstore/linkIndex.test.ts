import { expect } from 'chai';
import { type IndexedEvent, linkRules } from '../../../embedded/eventstore/links/linkIndex.js';
import {
  checkpointEmission,
  checkpointPosition,
} from '../../../embedded/eventstore/links/emissions.js';
import { IndexProgress } from '../../../embedded/eventstore/links/progress.js';
import { silentLogger } from '../../../embedded/eventstore/options.js';

const event = (stream: string, type = 'Counted', revision = 3, data = ''): IndexedEvent => ({
  stream,
  type,
  revision,
  data: () => Buffer.from(data),
});

const DELETED = '{"$tb":9223372036854775807}';
const { categories, types, streams } = linkRules;

describe('a link index', () => {
  it('finds the category before the first dash', () => {
    const linkStream = (stream: string) => categories(event(stream))?.stream;
    expect(linkStream('account-onlineretail.1')).to.equal('$ce-account');
    expect(linkStream('a-b-c')).to.equal('$ce-a');
    expect(linkStream('a-')).to.equal('$ce-a');
    for (const stream of ['plain', '-a', '$ce-account', '$$account-1', '$$$settings-1'])
      expect(linkStream(stream), stream).to.equal(undefined);
  });

  it('links to the place of the event, and of a link to its target', () => {
    expect(categories(event('a-1'))).to.deep.equal({
      stream: '$ce-a',
      target: '3@a-1',
      about: 'a-1',
      isDeletion: false,
    });
    expect(categories(event('a-1', '$>', 0, '7@b-2'))).to.include({ target: '7@b-2' });
  });

  it('indexes by type all but links and system streams', () => {
    expect(types(event('plain', 'Ünïque'))).to.include({ stream: '$et-Ünïque', target: '3@plain' });
    expect(types(event('$$plain', '$metadata', 0, '{}'))).to.include({ stream: '$et-$metadata' });
    for (const other of [event('a-1', '$>'), event('$ce-a'), event('$$$ce-a', '$metadata')])
      expect(types(other), other.stream).to.equal(undefined);
  });

  it('takes a tombstone and a soft delete for the deletion of the stream', () => {
    const softDelete = event('$$a-1', '$metadata', 2, DELETED);
    const expected = { target: '2@$$a-1', about: 'a-1', isDeletion: true };
    expect(categories(softDelete)).to.deep.equal({ ...expected, stream: '$ce-a' });
    expect(types(softDelete)).to.deep.equal({ ...expected, stream: '$et-$deleted' });
    expect(types(event('a-1', '$streamDeleted'))).to.include({
      stream: '$et-$deleted',
      isDeletion: true,
    });
  });

  it('reads no data but where the rule needs them', () => {
    const guarded = (stream: string, type: string): IndexedEvent => ({
      ...event(stream, type),
      data: () => {
        throw new Error('read');
      },
    });
    for (const rule of Object.values(linkRules)) rule(guarded('a-1', 'Counted'));
    expect(() => categories(guarded('$$a-1', '$metadata'))).to.throw('read');
  });

  it('lists streams by their first events', () => {
    expect(streams(event('a-1', 'Counted', 0))).to.include({ stream: '$streams', target: '0@a-1' });
    expect(streams(event('a-1', 'Counted', 1))).to.equal(undefined);
    expect(streams(event('$ce-a', '$>', 0))).to.equal(undefined);
  });

  it('reads the checkpoint that it writes, and refuses another', () => {
    const { event: written } = checkpointEmission('$c', 1_234_567);
    const metadata = written.source.subarray(written.metadataStart, written.metadataEnd);
    expect(checkpointPosition(metadata)).to.equal(1_234_567);
    for (const text of ['', '{}', '{"$c":"12"}'])
      expect(() => checkpointPosition(Buffer.from(text)), text).to.throw();
  });

  it('tells of its progress only while it is far behind', () => {
    const told: string[] = [];
    let now = 0;
    const tell = (fields: object, message: string): void => {
      const { position, perSecond } = fields as { position: number; perSecond?: number };
      told.push(`${position} ${perSecond ?? ''} ${message}`);
    };
    const progress = new IndexProgress('types', { ...silentLogger, info: tell }, () => now);
    progress.begin(90, 100);
    progress.reach(100, 100, true);
    expect(told).to.deep.equal([]);
    progress.begin(0, 100_000);
    for (now = 1000; now <= 6000; now += 1000) progress.reach(now * 10, 100_000, false);
    progress.reach(100_000, 100_000, true);
    progress.reach(100_001, 100_001, true);
    expect(told).to.deep.equal([
      '0  a link index is catching up',
      '50000 10000 a link index is catching up',
      '100000  a link index has caught up',
    ]);
  });
});
