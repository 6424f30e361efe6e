/**
 * Where streams end: the revision that the next append is judged against, kept in memory for the streams lately
 * written to. There is no table of heads: the index over (stream, revision) answers the same question, and a second
 * row to update per append would cost more than loading a head now and then.
 *
 * Invariant: only the writer changes a head, and while a commit is in flight its heads are ahead of the database;
 * when it fails or its outcome is unknown all of them are dropped.
 */
import { LRUCache } from 'lru-cache';
import type { ClientBase } from 'pg';
import { isMetastream, TOMBSTONE_REVISION } from './append.js';
import type { StreamState } from './expectedRevision.js';
import { METASTREAM_METADATA, parseStreamMetadata, type StreamMetadata } from './streamMetadata.js';

export interface Head {
  /** Revision of the last event, -1 for none. */
  revision: number;
  /** Closed for ever; a metadata stream is so together with the stream it describes. */
  readonly isTombstoned: boolean;
  readonly metadata: StreamMetadata | undefined;
}

const HEADS_MAX = 100_000;

const LOAD_HEADS = `
  SELECT s.name,
    (SELECT revision FROM eventstore.events e
      WHERE e.stream = s.name ORDER BY revision DESC LIMIT 1) AS revision,
    (SELECT CASE WHEN is_json THEN data END FROM eventstore.events e
      WHERE e.stream = '$$' || s.name ORDER BY revision DESC LIMIT 1) AS metadata,
    starts_with(s.name, '$$') AND EXISTS (SELECT FROM eventstore.events e
      WHERE e.stream = substr(s.name, 3) AND e.revision = ${TOMBSTONE_REVISION}) AS is_of_tombstoned
  FROM unnest($1::text[]) AS s (name)`;

interface HeadRow {
  name: string;
  revision: string | null;
  metadata: Buffer | null;
  is_of_tombstoned: boolean;
}

const headOf = (row: HeadRow): Head => {
  const revision = row.revision === null ? -1 : Number(row.revision);
  return {
    revision,
    isTombstoned: revision === TOMBSTONE_REVISION || row.is_of_tombstoned,
    metadata: isMetastream(row.name)
      ? METASTREAM_METADATA
      : row.metadata === null
        ? undefined
        : parseStreamMetadata(row.metadata),
  };
};

/** What an expected revision is judged by. */
export const stateOf = (stream: string, { revision, metadata }: Head): StreamState => ({
  revision,
  isDeleted: metadata?.isDeleted ?? false,
  hasMetadata: metadata !== undefined && !isMetastream(stream),
});

/** Asks the database where these streams end. */
export const loadHeads = async (
  client: ClientBase,
  streams: readonly string[],
): Promise<Map<string, Head>> => {
  const { rows } = await client.query<HeadRow>({
    name: 'load-heads',
    text: LOAD_HEADS,
    values: [streams],
  });
  return new Map(rows.map((row) => [row.name, headOf(row)]));
};

export class Heads {
  private readonly cache: LRUCache<string, Head>;

  constructor(max = HEADS_MAX) {
    this.cache = new LRUCache({ max });
  }

  /** The head as committed or about to be. */
  get(stream: string): Head | undefined {
    return this.cache.get(stream);
  }

  /** Makes sure that all of these are held, with one query for those that are not, and returns them. */
  async require(client: ClientBase, streams: Iterable<string>): Promise<Map<string, Head>> {
    const found = new Map<string, Head>();
    const missing: string[] = [];
    for (const stream of new Set(streams)) {
      const head = this.cache.get(stream);
      if (head) found.set(stream, head);
      else missing.push(stream);
    }
    if (missing.length === 0) return found;
    for (const [stream, head] of await loadHeads(client, missing)) {
      this.cache.set(stream, head);
      found.set(stream, head);
    }
    return found;
  }

  drop(stream: string): void {
    this.cache.delete(stream);
  }

  clear(): void {
    this.cache.clear();
  }
}
