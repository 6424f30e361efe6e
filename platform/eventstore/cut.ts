/** Lets the beginning of a stream go ($tb): it is not read any more, and a scavenge removes it. */
import { changeMetadata, type MetadataClient } from './streamMetadata.js';

/** What came before already stays; other metadata too. @throws what the client throws. */
export const createCut =
  (client: MetadataClient) =>
  (stream: string, before: number): Promise<void> =>
    changeMetadata(client, stream, (metadata) =>
      Number(metadata.truncateBefore ?? 0) >= before
        ? null
        : { ...metadata, truncateBefore: before },
    );
