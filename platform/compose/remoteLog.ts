/**
 * Any EventStoreDB as the source of an export, through the official client's connection and the protocol's own
 * messages: the client itself hands out parsed JSON, which does not always print as the bytes it came from.
 */
import type { ClientReadableStream } from '@grpc/grpc-js';
import { BACKWARDS, END, EventStoreDBClient, FORWARDS, type Position } from '@eventstore/db-client';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb, { type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { LoggedEvent } from '../../embedded/eventstore/archive/eventLine.js';
import { StoreRefused } from '../../embedded/eventstore/tools/connection.js';
import type { LogSource } from '../../embedded/eventstore/tools/exportLog.js';
import { disconnect } from '../eventstore/client.js';

const PAGE_EVENTS = 2000;
const ATTEMPTS_MAX = 6;
/** A server that says nothing for so long is asked again. */
const SILENCE_MS = 30_000;
const TICKS_PER_MILLISECOND = 10_000n;
/** How the embedded log stores the revision of a tombstone, which is the largest int64 on the wire. */
const TOMBSTONE_REVISION = Number.MAX_SAFE_INTEGER;

/** What the client keeps to its subclasses. */
interface Internals {
  GRPCStreamCreator<T>(
    client: typeof StreamsClient,
    name: string,
    create: (client: InstanceType<typeof StreamsClient>) => T,
  ): () => Promise<T>;
  callArguments(options: object, callOptions: object): [never, never];
}

type Recorded = streamsPb.ReadResp.ReadEvent.RecordedEvent;

/** @param url an esdb:// connection string */
export const openRemoteSource = (url: string): LogSource => {
  const client = EventStoreDBClient.connectionString(url);
  const key: LogSource['key'] = async (position) => {
    const reading =
      position === undefined
        ? client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 })
        : client.readAll({ direction: FORWARDS, fromPosition: at(position), maxCount: 1 });
    const silence = setTimeout(
      () => reading.destroy(new Error(`The EventStoreDB does not answer.`)),
      SILENCE_MS,
    );
    try {
      for await (const { event } of reading) {
        const found = Number(event?.position?.commit ?? 0n);
        if (event && (position === undefined || found === position)) {
          return { position: found, id: event.id };
        }
      }
      return undefined;
    } finally {
      clearTimeout(silence);
    }
  };
  return {
    kind: 'eventstoredb',
    key,
    count: async () => null,
    walk: async (range, onEvent, afterPage) => {
      let last = range.after;
      for (let attempt = 1; ; attempt++) {
        const from = last;
        try {
          const take = (event: LoggedEvent): void => {
            onEvent(event);
            last = event.position;
          };
          await walkOnce(client, { after: from, last: range.last }, take, afterPage);
          return;
        } catch (error) {
          if (last > from) attempt = 1;
          if (error instanceof StoreRefused || attempt >= ATTEMPTS_MAX) throw error;
          await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt));
        }
      }
    },
    close: () => disconnect(client),
  };
};

const at = (position: number): Position => ({
  commit: BigInt(position),
  prepare: BigInt(position),
});

const walkOnce = async (
  client: EventStoreDBClient,
  { after, last }: { readonly after: number; readonly last: number },
  onEvent: (event: LoggedEvent) => void,
  afterPage: () => Promise<boolean>,
): Promise<void> => {
  const reading = await read(client, after);
  const silence = setTimeout(() => reading.cancel(), SILENCE_MS);
  let events = 0;
  try {
    for await (const answer of reading as AsyncIterable<ReadResp>) {
      silence.refresh();
      const recorded = answer.getEvent()?.getEvent();
      if (!recorded) continue;
      const event = loggedEvent(recorded);
      if (event.position <= after) continue; // a read includes where it begins
      if (event.position > last) break;
      onEvent(event);
      if (++events % PAGE_EVENTS === 0 && !(await afterPage())) return;
      if (event.position === last) break;
    }
    await afterPage();
  } finally {
    clearTimeout(silence);
    reading.on('error', () => {}); // being cancelled is reported as one
    reading.cancel();
  }
};

const read = (
  client: EventStoreDBClient,
  after: number,
): Promise<ClientReadableStream<ReadResp>> => {
  const all = new streamsPb.ReadReq.Options.AllOptions();
  if (after === 0) all.setStart(new sharedPb.Empty());
  else {
    const position = new streamsPb.ReadReq.Options.Position();
    position.setCommitPosition(String(after));
    position.setPreparePosition(String(after));
    all.setPosition(position);
  }
  const uuid = new streamsPb.ReadReq.Options.UUIDOption();
  uuid.setString(new sharedPb.Empty());
  const options = new streamsPb.ReadReq.Options();
  options.setAll(all);
  options.setCount(String(Number.MAX_SAFE_INTEGER));
  options.setUuidOption(uuid);
  options.setNoFilter(new sharedPb.Empty());
  const request = new streamsPb.ReadReq();
  request.setOptions(options);
  const internals = client as unknown as Internals;
  return internals.GRPCStreamCreator(StreamsClient, 'export', (streams) =>
    streams.read(request, ...internals.callArguments({}, { deadline: Infinity })),
  )();
};

const loggedEvent = (recorded: Recorded): LoggedEvent => {
  const position = recorded.getCommitPosition();
  const revision = Number(recorded.getStreamRevision());
  const map = recorded.getMetadataMap();
  if (position !== recorded.getPreparePosition()) {
    throw new StoreRefused(
      `The event at position ${position} was written in a transaction of an old client: its order cannot be kept.`,
    );
  }
  return {
    position: Number(position),
    stream: Buffer.from(recorded.getStreamIdentifier()!.getStreamName_asU8()).toString('utf8'),
    revision: revision > TOMBSTONE_REVISION ? TOMBSTONE_REVISION : revision,
    id: recorded.getId()!.getString().toLowerCase(),
    type: map.get('type') ?? '',
    createdMs: Number(BigInt(map.get('created') ?? 0) / TICKS_PER_MILLISECOND),
    isJson: map.get('content-type') === 'application/json',
    data: Buffer.from(recorded.getData_asU8()),
    metadata: Buffer.from(recorded.getCustomMetadata_asU8()),
  };
};
