/**
 * The ceiling of the official client: a server that answers each request with the bytes that the node answered it with before, from
 * memory, without a database, an encoder or a thought. What the client then takes is its own decoding and the transport's.
 */
import { type ClientHttp2Session, connect } from 'node:http2';
import type { GrpcCall } from '../../embedded/eventstore/grpc/call.js';
import { GrpcServer } from '../../embedded/eventstore/grpc/server.js';
import { frame } from '../../embedded/eventstore/grpc/frames.js';
import { answerParent } from '../child.js';

const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: console.warn, error: console.error };

const readPath = '/event_store.client.streams.Streams/Read';

/** What one request was answered with. */
interface Recording {
  readonly chunks: Buffer[];
  /** False for a subscription, which has no end. */
  ended: boolean;
}

/** Passes a request on to the node and keeps what comes back. */
const record = (call: GrpcCall, node: ClientHttp2Session, body: Buffer): Recording => {
  const recording: Recording = { chunks: [], ended: false };
  const stream = node.request({
    ':method': 'POST',
    ':path': readPath,
    'content-type': 'application/grpc+proto',
    te: 'trailers',
  });
  stream.on('data', (chunk: Buffer) => {
    recording.chunks.push(chunk);
    call.write(chunk);
  });
  stream.on('end', () => {
    recording.ended = true;
    call.finish();
  });
  stream.on('error', () => undefined);
  call.onEnd = () => stream.close();
  stream.end(frame(body));
  return recording;
};

/** As many bytes a write as the node sends of a page. */
const writeBytes = 1024 * 1024;

const replay = async (call: GrpcCall, { chunks, ended }: Recording): Promise<void> => {
  const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  chunks.splice(0, chunks.length, bytes);
  for (let at = 0; at < bytes.length && !call.ended; at += writeBytes) {
    if (!call.write(bytes.subarray(at, at + writeBytes))) await call.drained();
  }
  if (ended) call.finish();
};

let close = async (): Promise<void> => {};

/** Answers with its own connection string; whatever is asked of it a second time comes from memory. */
const start = async ({ nodeUrl }: { readonly nodeUrl: string }): Promise<string> => {
  const node = connect(nodeUrl, { settings: { initialWindowSize: 16 * 1024 * 1024 } });
  const recordings = new Map<string, Recording>();
  const serve = (call: GrpcCall): void => {
    call.onMessage = (body) => {
      const request = body.toString('latin1');
      const recorded = recordings.get(request);
      if (recorded) return void replay(call, recorded);
      recordings.set(request, record(call, node, Buffer.from(body)));
    };
  };
  const server = new GrpcServer(new Map([[readPath, serve]]), logger);
  const port = await server.listen('127.0.0.1', 0);
  close = async () => {
    await server.stop(500);
    node.destroy();
  };
  return `esdb://127.0.0.1:${port}?tls=false`;
};

answerParent(start, () => close());
