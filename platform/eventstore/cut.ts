/** Lets the beginning of a stream go ($tb): it is not read any more, and a scavenge removes it. */
import type { EventStoreDBClient } from '@eventstore/db-client';

/** What came before already stays; other metadata too. @throws what the client throws. */
export const createCut =
  (client: Pick<EventStoreDBClient, 'getStreamMetadata' | 'setStreamMetadata'>) =>
  async (stream: string, before: number): Promise<void> => {
    const { metadata = {}, metastreamRevision } = await client.getStreamMetadata(stream);
    if (Number(metadata.truncateBefore ?? 0) >= before) return;
    await client.setStreamMetadata(
      stream,
      { ...metadata, truncateBefore: before },
      { expectedRevision: metastreamRevision ?? 'no_stream' },
    );
  };
