/** Pages that are read without the client: whatever a node answers that is not as usual is an error within the deadline, and the next one begins anew. */
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { expect } from 'chai';
import { openStreamPages, type StreamPages } from '../../../../platform/eventstore/streamPages.js';

const { ReadResp } = streams;

const eventAt = (revision: number, contentType = 'application/json'): Buffer => {
  const event = new ReadResp.ReadEvent.RecordedEvent();
  const id = new shared.UUID();
  id.setString('0f8fad5b-d9cb-469f-a165-70867728950e');
  event.setId(id);
  const stream = new shared.StreamIdentifier();
  stream.setStreamName(Buffer.from('cars'));
  event.setStreamIdentifier(stream);
  event.setStreamRevision(String(revision));
  event.setPreparePosition('7');
  event.setCommitPosition('7');
  event.getMetadataMap().set('type', 'EventPublished');
  event.getMetadataMap().set('content-type', contentType);
  event.getMetadataMap().set('created', '17148174723450000');
  event.setData(Buffer.from('{}'));
  const read = new ReadResp.ReadEvent();
  read.setEvent(event);
  read.setCommitPosition('7');
  const answer = new ReadResp();
  answer.setEvent(read);
  return framed(Buffer.from(answer.serializeBinary()));
};

const framed = (message: Buffer, compressed = 0): Buffer => {
  const head = Buffer.from([compressed, 0, 0, 0, 0]);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

const notFound = (): Buffer => {
  const answer = new ReadResp();
  answer.setStreamNotFound(new ReadResp.StreamNotFound());
  return framed(Buffer.from(answer.serializeBinary()));
};

describe('pages of streams without the client', () => {
  let server: Http2Server;
  let pages: StreamPages | null;
  let serve: (call: ServerHttp2Stream) => void;
  let connections: number;

  const answering =
    (body: Buffer, status = '0') =>
    (call: ServerHttp2Stream): void => {
      call.respond(
        { ':status': 200, 'content-type': 'application/grpc' },
        { waitForTrailers: true },
      );
      call.on('wantTrailers', () => call.sendTrailers({ 'grpc-status': status }));
      call.end(body);
    };

  beforeEach(async () => {
    connections = 0;
    server = createServer();
    server.on('session', () => (connections += 1));
    server.on('stream', (call) => {
      call.on('error', () => undefined);
      serve(call);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    pages = openStreamPages(`esdb://127.0.0.1:${port}?tls=false`, 200);
  });
  afterEach(async () => {
    pages?.close();
    pages?.close();
    await new Promise((resolve) => server.close(resolve));
  });

  const outcome = async (): Promise<unknown> => {
    try {
      return (await pages?.read('cars', 0, 10))?.map(({ revision }) => Number(revision));
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('are the events of an answer, over one connection', async () => {
    serve = answering(Buffer.concat([eventAt(0), eventAt(1)]));
    expect(await Promise.all([outcome(), outcome()])).to.deep.equal([
      [0, 1],
      [0, 1],
    ]);
    serve = answering(Buffer.alloc(0));
    expect(await outcome()).to.deep.equal([]);
    serve = answering(notFound());
    expect(await outcome()).to.deep.equal([]);
    expect(connections).to.equal(1);
  });

  const faults: Readonly<Record<string, (call: ServerHttp2Stream) => void>> = {
    'an answer of a status': answering(eventAt(0), '14'),
    'a status without an answer': (call) =>
      call.respond({ ':status': 200, 'grpc-status': '7' }, { endStream: true }),
    'an answer that is no gRPC': (call) => {
      call.respond({ ':status': 502 });
      call.end('<html>');
    },
    'an event that is no JSON': answering(eventAt(0, 'application/octet-stream')),
    'a compressed message': answering(framed(Buffer.from('x'), 1)),
    'a message that is cut off': answering(eventAt(0).subarray(0, -1)),
    'a head that is cut off': answering(Buffer.concat([eventAt(0), Buffer.from([0, 0])])),
    'a stream that is reset': (call) => {
      call.respond({ ':status': 200 });
      call.write(eventAt(0));
      call.close(2);
    },
    'a connection that breaks': (call) => call.session?.destroy(),
    silence: () => undefined,
  };
  for (const [name, fault] of Object.entries(faults)) {
    it(`fail for ${name}, and are read again afterwards`, async () => {
      serve = fault;
      const told = await outcome();
      expect(told).to.be.a('string').and.not.equal('');
      if (name === 'silence') expect(told).to.equal('reading cars: no answer within 200 ms');
      serve = answering(eventAt(3));
      expect(await outcome()).to.deep.equal([3]);
      expect(connections).to.equal(2);
    });
  }

  it('fail where nobody listens', async () => {
    const gone = openStreamPages('esdb://127.0.0.1:1?tls=false', 200);
    const error: unknown = await gone?.read('cars', 0, 1).catch((failure: unknown) => failure);
    expect(error).to.be.instanceOf(Error);
    gone?.close();
  });

  it('are not for addresses that only the client knows how to follow', () => {
    for (const address of [
      'esdb://127.0.0.1:2113',
      'esdb://127.0.0.1:2113?tls=true',
      'esdb://admin:changeit@127.0.0.1:2113?tls=false',
      'esdb://node1:2113,node2:2113?tls=false',
      'esdb+discover://cluster:2113?tls=false',
      'esdb://127.0.0.1:2113?tls=false&nodePreference=follower',
    ]) {
      expect(openStreamPages(address), address).to.equal(null);
    }
  });
});
