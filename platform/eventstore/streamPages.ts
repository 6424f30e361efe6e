/**
 * Pages of streams without the official client, for who reads a hundred thousand events in a row: the call over HTTP/2 itself, its answer taken
 * apart as a whole. The client hands on each event by way of four streams and as many promises, which takes twice as long as all that is
 * done with it; measured, an event takes 10 us instead of 21, to read it and to write it as it is sent (docs/decisions/0038).
 *
 * It knows one case, the usual one: a node that is named by its address and speaks in the clear, and events of JSON. Whatever else there is, or
 * comes, is an error, and the client's to read: it finds leaders, knows who may do what, and repeats what can be repeated.
 */
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import type { RecordedEvent } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { createDeadlines } from './deadlines.js';
import { isStreamNotFound, recordedIn } from './readAnswers.js';

const { Empty, StreamIdentifier } = shared;
const { ReadReq } = streams;

export interface StreamPages {
  /** Forwards, at most `count` from revision `first` on; none where there is no such stream. @throws where anything is not as usual. */
  read(stream: string, first: number, count: number): Promise<RecordedEvent[]>;
  /** Ends what is under way. Twice is safe. */
  close(): void;
}

const deadlineDefaultMs = 2_000;
/** What the node may send before it is told that it arrived: more than a page usually has. */
const windowBytes = 1024 * 1024;
const path = '/event_store.client.streams.Streams/Read';
/** One byte for whether it is compressed, and the length in four. */
const frameHeadBytes = 5;
const forwards = 0;

/** `esdb://127.0.0.1:2113?tls=false`, and nothing that would have to be known besides. */
const plainAddress = /^esdb:\/\/([\w.-]+:\d+)\/?\?tls=false$/;

const requestOf = (stream: string, first: number, count: number): Buffer => {
  const identifier = new StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  const from = new ReadReq.Options.StreamOptions();
  from.setStreamIdentifier(identifier);
  from.setRevision(String(first));
  const ids = new ReadReq.Options.UUIDOption();
  ids.setString(new Empty());
  const options = new ReadReq.Options();
  options.setStream(from);
  options.setReadDirection(forwards);
  options.setResolveLinks(false);
  options.setCount(String(count));
  options.setUuidOption(ids);
  options.setNoFilter(new Empty());
  const request = new ReadReq();
  request.setOptions(options);
  const message = request.serializeBinary();
  const framed = Buffer.alloc(frameHeadBytes + message.length);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, frameHeadBytes);
  return framed;
};

const messagesIn = (bytes: Buffer): Buffer[] => {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const begin = at + frameHeadBytes;
    const end = begin <= bytes.length ? begin + bytes.readUInt32BE(at + 1) : Infinity;
    if (bytes[at] !== 0 || end > bytes.length) throw new Error('an answer is not whole');
    messages.push(bytes.subarray(begin, end));
    at = end;
  }
  return messages;
};

/** The messages that the node answers a request with. @throws what the connection, or the node, ended it with. */
const answer = (session: ClientHttp2Session, request: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const call = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let status: unknown;
    const note = (headers: Readonly<Record<string, unknown>>): void => {
      status = headers['grpc-status'] ?? status;
    };
    call.on('response', note);
    call.on('trailers', note);
    call.on('data', (chunk: Buffer) => chunks.push(chunk));
    call.on('error', reject);
    call.on('close', () => {
      if (status === '0') resolve(Buffer.concat(chunks));
      else reject(new Error(`the log ended a reading with status ${String(status)}`));
    });
    call.end(request);
  });

/** Null: the address is one that only the client knows how to follow. */
export const openStreamPages = (
  connectionString: string,
  deadlineMs = deadlineDefaultMs,
): StreamPages | null => {
  const [, authority] = plainAddress.exec(connectionString) ?? [];
  if (authority === undefined) return null;
  const deadlines = createDeadlines();
  let session: ClientHttp2Session | undefined;

  const open = (): ClientHttp2Session => {
    const opened = connect(`http://${authority}`, { settings: { initialWindowSize: windowBytes } });
    opened.once('connect', () => opened.setLocalWindowSize(windowBytes));
    // Every call on it is told.
    opened.on('error', () => undefined);
    return opened;
  };
  const close = (): void => {
    session?.destroy(undefined, constants.NGHTTP2_CANCEL);
    session = undefined;
  };

  return {
    read: async (stream, first, count) => {
      if (!session || session.closed || session.destroyed) session = open();
      const asked = answer(session, requestOf(stream, first, count));
      try {
        const messages = messagesIn(await deadlines.within(asked, deadlineMs, 'reading', stream));
        const [only] = messages;
        if (only && isStreamNotFound(only)) return [];
        return messages.map(recordedIn).filter((event) => event !== null);
      } catch (error) {
        // Whatever it was, the next one begins anew.
        close();
        throw error;
      }
    },
    close,
  };
};
