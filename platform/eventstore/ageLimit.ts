/** Lets what is older than so many days go from a stream ($maxAge): it is not read any more, and a scavenge removes it. */
import { changeMetadata, type MetadataClient } from './streamMetadata.js';

/** @param days 0: for ever. */
export type LimitAge = (stream: string, days: number) => Promise<void>;

const daySeconds = 86_400;

/** Other metadata of the stream stay; where it is so already nothing is written. @throws what the client throws. */
export const createAgeLimit =
  (client: MetadataClient): LimitAge =>
  (stream, days) =>
    changeMetadata(client, stream, ({ maxAge: before, ...rest }) => {
      const maxAge = days * daySeconds;
      if (Number(before ?? 0) === maxAge) return null;
      return maxAge === 0 ? rest : { maxAge, ...rest };
    });
