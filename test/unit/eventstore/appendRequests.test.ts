import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import { expect } from 'chai';
import timestampPb from 'google-protobuf/google/protobuf/timestamp_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import {
  decodeAppend,
  decodeBatchAppend,
} from '../../../embedded/eventstore/wire/appendRequests.js';
import { MalformedMessage } from '../../../embedded/eventstore/wire/reader.js';

const ID = '5243c2a8-83a9-4b5a-ad37-32a3fbaba248';

const identifier = (stream: string) => {
  const message = new sharedPb.StreamIdentifier();
  message.setStreamName(Buffer.from(stream));
  return message;
};

const uuid = (text: string) => {
  const message = new sharedPb.UUID();
  message.setString(text);
  return message;
};

const event = (type: string, contentType: string, data: string, metadata = '', id = ID) => {
  const message = new streamsPb.BatchAppendReq.ProposedMessage();
  message.setId(uuid(id));
  message.getMetadataMap().set('content-type', contentType).set('type', type);
  message.setData(Buffer.from(data));
  message.setCustomMetadata(Buffer.from(metadata));
  return message;
};

const chunk = (stream: string | undefined, ...events: ReturnType<typeof event>[]) => {
  const message = new streamsPb.BatchAppendReq();
  message.setCorrelationId(uuid(ID));
  message.setIsFinal(true);
  if (stream !== undefined) {
    const options = new streamsPb.BatchAppendReq.Options();
    options.setStreamIdentifier(identifier(stream));
    options.setStreamPosition('42');
    options.setDeadline(timestampPb.Timestamp.fromDate(new Date(1_700_000_000_250)));
    message.setOptions(options);
  }
  message.setProposedMessagesList(events);
  return message;
};

const decode = (message: { serializeBinary(): Uint8Array }) =>
  decodeBatchAppend(Buffer.from(message.serializeBinary()));

describe('decoding append requests', () => {
  it('reads what the official client writes', () => {
    const decoded = decode(
      chunk('purchase-щука', event('Sold', 'application/json', '{"n":1}', '{"m":2}')),
    );
    expect(decoded.fault).to.equal(undefined);
    expect(decoded.isFinal).to.equal(true);
    expect(decoded.options).to.deep.include({
      stream: 'purchase-щука',
      expected: 42,
      deadline: 1_700_000_000_250,
    });
    const [read] = decoded.events;
    expect(read!.type).to.equal('Sold');
    expect(read!.isJson).to.equal(true);
    expect(read!.id.toString('hex')).to.equal(ID.replaceAll('-', ''));
    expect(read!.source.toString('utf8', read!.dataStart, read!.dataEnd)).to.equal('{"n":1}');
    expect(read!.source.toString('utf8', read!.metadataStart, read!.metadataEnd)).to.equal(
      '{"m":2}',
    );
  });

  it('tells binary events from JSON ones', () => {
    const decoded = decode(chunk('s', event('Scanned', 'application/octet-stream', '\x00\x01')));
    expect(decoded.events[0]!.isJson).to.equal(false);
  });

  it('reads every kind of expected revision', () => {
    const kinds = {
      any: (options: InstanceType<typeof streamsPb.BatchAppendReq.Options>) =>
        options.setAny(new emptyPb.Empty()),
      no_stream: (options: InstanceType<typeof streamsPb.BatchAppendReq.Options>) =>
        options.setNoStream(new emptyPb.Empty()),
      stream_exists: (options: InstanceType<typeof streamsPb.BatchAppendReq.Options>) =>
        options.setStreamExists(new emptyPb.Empty()),
    };
    for (const [kind, set] of Object.entries(kinds)) {
      const message = chunk('s');
      set(message.getOptions()!);
      expect(decode(message).options!.expected).to.equal(kind);
    }
  });

  it('reads an id in two halves', () => {
    const message = event('Sold', 'application/json', '{}');
    const halves = new sharedPb.UUID.Structured();
    const bytes = Buffer.from(ID.replaceAll('-', ''), 'hex');
    halves.setMostSignificantBits(bytes.readBigInt64BE(0).toString());
    halves.setLeastSignificantBits(bytes.readBigInt64BE(8).toString());
    const id = new sharedPb.UUID();
    id.setStructured(halves);
    message.setId(id);
    expect(decode(chunk('s', message)).events[0]!.id.equals(bytes)).to.equal(true);
  });

  it('faults an append whose stream or event cannot be stored, and only it', () => {
    const faults = [
      chunk(''),
      chunk('a\0b'),
      chunk('x'.repeat(2000)),
      chunk('s', event('', 'application/json', '{}')),
      chunk('s', event('Sold', 'application/json', '{}', '', 'not-a-uuid')),
    ];
    for (const faulty of faults) {
      const decoded = decode(faulty);
      expect(decoded.fault).to.be.a('string');
      expect(decoded.isFinal).to.equal(true);
      expect(decoded.correlation.length).to.be.greaterThan(0);
    }
  });

  it('refuses bytes that are not a message', () => {
    expect(() => decodeBatchAppend(Buffer.from([0x0a, 0x7f, 1]))).to.throw(MalformedMessage);
    expect(() => decodeBatchAppend(Buffer.from([0xff]))).to.throw(MalformedMessage);
  });

  it('reads the messages of a unary append', () => {
    const header = new streamsPb.AppendReq();
    const options = new streamsPb.AppendReq.Options();
    options.setStreamIdentifier(identifier('s'));
    options.setRevision('7');
    header.setOptions(options);
    expect(decodeAppend(Buffer.from(header.serializeBinary()))).to.deep.include({
      stream: 's',
      expected: 7,
    });

    const entry = new streamsPb.AppendReq();
    const message = new streamsPb.AppendReq.ProposedMessage();
    message.setId(uuid(ID));
    message.getMetadataMap().set('type', 'Sold').set('content-type', 'application/json');
    entry.setProposedMessage(message);
    expect(decodeAppend(Buffer.from(entry.serializeBinary()))).to.deep.include({
      type: 'Sold',
      isJson: true,
    });
  });
});
