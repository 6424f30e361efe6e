import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { expect } from 'chai';
import { ByteBuffer } from '../../../embedded/eventstore/wire/bytes.js';
import {
  frameEnd,
  linkFrame,
  linkIn,
  parseLink,
  positionHint,
  recordIn,
} from '../../../embedded/eventstore/wire/linkFrames.js';
import { caughtUp, checkpoint } from '../../../embedded/eventstore/wire/readAnswers.js';
import { writeRecordedEvent } from '../../../embedded/eventstore/wire/recordedEvent.js';

const framed = (type: string, data: string, position = 300): Buffer => {
  const source = Buffer.from(`stream${type}${data}`);
  const typeEnd = 6 + Buffer.byteLength(type);
  const out = new ByteBuffer(64);
  writeRecordedEvent(out, {
    id: Buffer.alloc(16, 7),
    idStart: 0,
    streamSource: source,
    streamStart: 0,
    streamEnd: 6,
    source,
    typeStart: 6,
    typeEnd,
    dataStart: typeEnd,
    dataEnd: source.length,
    metadataStart: source.length,
    metadataEnd: source.length,
    isJson: false,
    createdMs: 1,
    revision: 5,
    position,
  });
  return out.take();
};

const record = (frame: Buffer) => recordIn(frame, 0, frame.length)!;

const decoded = (bytes: Buffer) =>
  streamsPb.ReadResp.ReadEvent.RecordedEvent.deserializeBinary(bytes).toObject();

describe('a link on the wire', () => {
  it('is told from other events by its type', () => {
    expect(linkIn(record(framed('$>', '3@counter-1')))?.data.toString()).to.equal('3@counter-1');
    expect(linkIn(record(framed('$>', '')))?.data.toString()).to.equal('');
    for (const type of ['$>>', '>', '$', 'Counted'])
      expect(linkIn(record(framed(type, '3@counter-1')))).to.equal(undefined);
  });

  it('is not looked for in what is no event', () => {
    for (const frame of [caughtUp, checkpoint(17)])
      expect(recordIn(frame, 0, frame.length)).to.equal(undefined);
  });

  it('names a revision and a stream', () => {
    const parse = (text: string) => parseLink(Buffer.from(text));
    expect(parse('3@counter-1')).to.deep.equal({ stream: 'counter-1', revision: 3 });
    expect(parse('0@a@b')).to.deep.equal({ stream: 'a@b', revision: 0 });
    expect(parse(' 7 @s')).to.deep.equal({ stream: 's', revision: 7 });
    for (const text of ['3', '3@', '-1@s', '9223372036854775807@s', '3@a\0b'])
      expect(parse(text), text).to.equal('nothing');
    for (const text of ['', '@s', 'x@s', '"0@s"', '1.5@s'])
      expect(parse(text), text).to.equal(undefined);
  });

  it('may say where its event stands', () => {
    const hint = (text: string) => positionHint(Buffer.from(text));
    expect(hint('{"$c":70123,"$p":70123,"$o":"a-1"}')).to.equal(70_123);
    for (const text of ['', '{}', '{"$c":"7","$p":7}', '{"$p":7,"$c":7}', 'null'])
      expect(hint(text), text).to.equal(undefined);
  });

  it('carries the event it points to, itself and its own position', () => {
    const link = framed('$>', '3@counter-1', 70_000);
    const target = record(framed('Counted', '{"n":1}', 12));
    const resolved = linkFrame(link, 0, link.length, target);
    expect(frameEnd(resolved, 0)).to.equal(resolved.length);
    const read = streamsPb.ReadResp.deserializeBinary(resolved.subarray(5)).getEvent()!;
    expect(read.getEvent()!.toObject()).to.deep.equal(decoded(target));
    expect(read.getLink()!.toObject()).to.deep.equal(decoded(record(link)));
    expect(read.getCommitPosition()).to.equal('70000');
  });

  it('stands alone without the event it points to', () => {
    const link = framed('$>', '3@counter-1');
    const alone = linkFrame(link, 0, link.length, undefined);
    const read = streamsPb.ReadResp.deserializeBinary(alone.subarray(5)).getEvent()!;
    expect(read.hasEvent()).to.equal(false);
    expect(read.getLink()!.toObject()).to.deep.equal(decoded(record(link)));
    expect(read.getCommitPosition()).to.equal('300');
  });
});
