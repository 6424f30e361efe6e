/**
 * Changes the metadata of a stream, or fails where somebody else did in between: what is not changed stays.
 *
 * The client's `metastreamRevision` is a place in the whole log, not a revision, so that nothing can be expected of it: the revision is read
 * from the metadata stream itself, before the metadata, so that what comes between the two is noticed as well.
 */
import {
  BACKWARDS,
  END,
  type EventStoreDBClient,
  StreamNotFoundError,
} from '@eventstore/db-client';

export type MetadataClient = Pick<
  EventStoreDBClient,
  'getStreamMetadata' | 'setStreamMetadata' | 'readStream'
>;
export type StreamMetadata = NonNullable<
  Awaited<ReturnType<EventStoreDBClient['getStreamMetadata']>>['metadata']
>;

const revisionOf = async (client: MetadataClient, stream: string): Promise<bigint | null> => {
  const last = { direction: BACKWARDS, fromRevision: END, maxCount: 1 } as const;
  let revision: bigint | null = null;
  try {
    for await (const { event } of client.readStream(`$$${stream}`, last)) {
      revision = event?.revision ?? revision;
    }
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw error;
  }
  return revision;
};

/** @param change answers null where it is as it should be. @throws what the client throws. */
export const changeMetadata = async (
  client: MetadataClient,
  stream: string,
  change: (metadata: StreamMetadata) => StreamMetadata | null,
): Promise<void> => {
  const expectedRevision = (await revisionOf(client, stream)) ?? 'no_stream';
  const changed = change((await client.getStreamMetadata(stream)).metadata ?? {});
  if (changed) await client.setStreamMetadata(stream, changed, { expectedRevision });
};
