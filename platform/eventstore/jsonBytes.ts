/**
 * An event whose JSON was written already, handed to the official client without having it written again.
 *
 * For `application/json` the client turns data into text, the text into base64, and its protobuf library decodes that base64 in
 * JavaScript, twice (once to learn the size): a third of what an append costs this process. For `application/octet-stream` it takes
 * bytes as they are. It reads `contentType` once for the event's metadata and once to choose how to treat the data, so the two
 * are answered differently here: the log gets bytes that it knows as JSON. The version of the client is pinned for that, and the
 * contract suite of the log reads events back as objects, which fails should the client ever read in another order.
 */
import type { EventData } from '@eventstore/db-client';

class JsonBytes {
  #reads = 0;
  constructor(
    readonly id: string,
    readonly type: string,
    readonly data: Uint8Array,
    readonly metadata: Uint8Array,
  ) {}

  get contentType(): 'application/json' | 'application/octet-stream' {
    this.#reads += 1;
    return this.#reads % 2 === 1 ? 'application/json' : 'application/octet-stream';
  }
}

/** For one append; a repeat of it needs new ones. */
export const jsonBytes = (
  id: string,
  type: string,
  data: Uint8Array,
  metadata: Uint8Array,
): EventData => new JsonBytes(id, type, data, metadata) as unknown as EventData;
