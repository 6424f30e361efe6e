/**
 * From requests to a decided batch: loads the heads they are judged by and the ids they may repeat, then decides them
 * in order. The only place that knows what deletion, tombstones and writing to a deleted stream consist of.
 */
import { randomFillSync } from 'node:crypto';
import type { ClientBase } from 'pg';
import {
  isMetastream,
  METADATA_EVENT_TYPE,
  metastreamOf,
  TOMBSTONE_EVENT_TYPE,
  TOMBSTONE_REVISION,
  type AppendResult,
  type Emission,
  type ProposedEvent,
  type WriteRequest,
} from './append.js';
import { Batch, type IdPlaces } from './batch.js';
import { findStoredIds } from './commit.js';
import { judge, type StoredId } from './expectedRevision.js';
import { type Head, type Heads, stateOf } from './heads.js';
import { DELETED_METADATA, parseStreamMetadata, withTruncateBefore } from './streamMetadata.js';

export interface Decision {
  readonly batch: Batch;
  /** Requests for a batch of their own, in order, to be taken next. */
  readonly postponed: readonly WriteRequest[];
}

/** Decides as many of the requests as may share a batch. */
export const decide = async (
  client: ClientBase,
  heads: Heads,
  requests: readonly WriteRequest[],
  firstPosition: number,
  now: number,
): Promise<Decision> => {
  const loaded = await heads.require(client, streamsOf(requests));
  const together = requestsTogether(requests, loaded);
  const suspects = together.filter((request) => mayRepeat(request, loaded.get(request.stream)!));
  const places = suspects.length > 0 ? await findStoredIds(client, suspects) : undefined;
  if (together.length === 1) await loadCompanion(client, heads, together[0]!, loaded);
  const batch = new Batch(together, firstPosition, now);
  for (const request of together) {
    batch.results.push(
      request.deadline < now
        ? { kind: 'timedOut' }
        : decideRequest(batch, request, loaded, places?.get(request)),
    );
  }
  return { batch, postponed: requests.slice(together.length) };
};

/** Loads the head of what an append that recreates a deleted stream writes to or is judged by as well. */
const loadCompanion = async (
  client: ClientBase,
  heads: Heads,
  request: WriteRequest,
  loaded: Map<string, Head>,
): Promise<void> => {
  if (request.emissions) {
    const streams = request.emissions.map((emission) => emission.stream);
    const deleted = streams.filter((name) => loaded.get(name)!.metadata?.isDeleted);
    for (const [name, head] of await heads.require(client, deleted.map(metastreamOf)))
      loaded.set(name, head);
    return;
  }
  const { stream } = request;
  const companion = isMetastream(stream) ? stream.slice(2) : metastreamOf(stream);
  if (!isMetastream(stream) && !loaded.get(stream)!.metadata?.isDeleted) return;
  loaded.set(companion, (await heads.require(client, [companion])).get(companion)!);
};

/** Streams whose heads no longer say the truth once this batch is stored: it deleted, or it changed metadata. */
export const staleHeads = ({ requests, streams }: Batch): readonly string[] => {
  const [request] = requests;
  if (requests.length !== 1 || request === undefined) return [];
  const isPlain = request.kind === 'append' || request.kind === 'emit';
  if (isPlain && !streams.some(isMetastream)) return [];
  return [
    request.stream,
    ...(request.kind === 'tombstone' ? [metastreamOf(request.stream)] : []),
    ...streams,
    ...streams.filter(isMetastream).map((stream) => stream.slice(2)),
  ];
};

const streamsOf = (requests: readonly WriteRequest[]): string[] => {
  const streams = requests.map(({ stream }) => stream);
  for (const { emissions } of requests)
    if (emissions) for (const { stream } of emissions) streams.push(stream);
  if (requests.length === 1 && requests[0]!.kind === 'delete')
    streams.push(metastreamOf(requests[0]!.stream));
  return streams;
};

/** An append to a deleted stream also writes metadata, so it goes alone. */
const requestsTogether = (
  requests: readonly WriteRequest[],
  loaded: ReadonlyMap<string, Head>,
): readonly WriteRequest[] => {
  const isDeleted = (written: { stream: string }): boolean =>
    loaded.get(written.stream)!.metadata?.isDeleted ?? false;
  const alone = requests.findIndex(
    (request) => request.emissions?.some(isDeleted) ?? isDeleted(request),
  );
  if (alone < 0) return requests;
  return requests.slice(0, Math.max(alone, 1));
};

/** Whether the append may have been stored before this batch, so that its ids must be looked up. */
const mayRepeat = (request: WriteRequest, head: Head): boolean => {
  if (request.kind !== 'append' || request.events.length === 0 || head.isTombstoned) return false;
  const verdict = judge(request.expected, stateOf(request.stream, head));
  return verdict === 'repeatedOrRefuse' || verdict === 'repeatedOrWrite';
};

const decideRequest = (
  batch: Batch,
  request: WriteRequest,
  heads: ReadonlyMap<string, Head>,
  known: IdPlaces | undefined,
): AppendResult => {
  if (request.emissions) return emit(batch, request.emissions, heads);
  const head = heads.get(request.stream)!;
  if (request.kind === 'append') {
    const recreate = recreation(batch, request, head, heads);
    return batch.decideAppend(request, head, known, recreate);
  }
  if (head.isTombstoned) return { kind: 'streamDeleted' };
  const verdict = judge(request.expected, stateOf(request.stream, head));
  const refused: AppendResult = {
    kind: 'wrongRevision',
    expected: request.expected,
    current: head.revision,
  };
  if (verdict === 'deleted') return { kind: 'streamDeleted' };
  if (verdict === 'refuse' || verdict === 'repeatedOrRefuse') return refused;
  if (request.kind === 'tombstone') {
    const event = systemEvent(TOMBSTONE_EVENT_TYPE, undefined);
    return {
      kind: 'stored',
      ...batch.write(request.stream, request.streamBytes, head, event, TOMBSTONE_REVISION),
    };
  }
  const metaHead = heads.get(metastreamOf(request.stream))!;
  if (head.revision < 0 && metaHead.revision < 0) return refused; // there is nothing to delete
  return {
    kind: 'stored',
    ...writeMetadata(batch, request.stream, metaHead, DELETED_METADATA),
  };
};

/**
 * What an append to a deleted stream, or to the metadata of one, writes as well: metadata that show the stream again
 * but nothing of what was deleted. To be called once the append itself is written.
 */
const recreation = (
  batch: Batch,
  { stream, events }: WriteRequest,
  head: Head,
  heads: ReadonlyMap<string, Head>,
): (() => void) => {
  if (head.metadata?.isDeleted) {
    const json = withTruncateBefore(head.metadata, head.revision + 1);
    return () => void writeMetadata(batch, stream, heads.get(metastreamOf(stream))!, json);
  }
  const described = isMetastream(stream) ? heads.get(stream.slice(2)) : undefined;
  const last = events.at(-1);
  if (!described?.metadata?.isDeleted || !last) return () => {};
  const metadata = parseStreamMetadata(last.source.subarray(last.dataStart, last.dataEnd));
  if (!metadata) return () => {};
  const json = withTruncateBefore(metadata, described.revision + 1);
  return () => void writeMetadata(batch, stream.slice(2), head, json);
};

const emit = (
  batch: Batch,
  emissions: readonly Emission[],
  heads: ReadonlyMap<string, Head>,
): AppendResult => {
  const recreated = new Set<Head>();
  let last: StoredId | undefined;
  for (const { stream, streamBytes, event } of emissions) {
    const head = heads.get(stream)!;
    if (head.isTombstoned) continue;
    if (head.metadata?.isDeleted && !recreated.has(head)) {
      recreated.add(head);
      const json = withTruncateBefore(head.metadata, head.revision + 1);
      writeMetadata(batch, stream, heads.get(metastreamOf(stream))!, json);
    }
    last = batch.write(stream, streamBytes, head, event);
  }
  return { kind: 'stored', revision: last?.revision ?? -1, position: last?.position };
};

const writeMetadata = (batch: Batch, stream: string, metaHead: Head, json: string) => {
  const metastream = metastreamOf(stream);
  return batch.write(
    metastream,
    Buffer.from(metastream),
    metaHead,
    systemEvent(METADATA_EVENT_TYPE, json),
  );
};

/** An event made by the node itself: of JSON, or of nothing. */
const systemEvent = (type: string, json: string | undefined): ProposedEvent => {
  const source = Buffer.from(type + (json ?? ''));
  const id = randomFillSync(Buffer.alloc(16));
  id[6] = (id[6]! & 0x0f) | 0x40; // a random UUID, version 4
  id[8] = (id[8]! & 0x3f) | 0x80;
  return {
    id,
    type,
    isJson: json !== undefined,
    source,
    typeStart: 0,
    typeEnd: type.length,
    dataStart: type.length,
    dataEnd: source.length,
    metadataStart: 0,
    metadataEnd: 0,
  };
};
