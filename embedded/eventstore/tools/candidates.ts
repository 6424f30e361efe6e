/**
 * The streams that a scavenge looks at, by pages in order of their names: those with metadata, and tombstoned ones. Both are found
 * by walking the index over streams, so finding them costs no table or index of its own and nothing when events are stored.
 */
import type pg from 'pg';
import { isMetastream, TOMBSTONE_REVISION } from '../log/append.js';
import { parseStreamMetadata } from '../log/streamMetadata.js';
import { type HiddenPart, hiddenPart } from './hidden.js';

/** A page with fewer streams is the last. */
export const STREAMS_PAGE = 500;

/** A stream to look at, with what is hidden of it. */
export interface Candidate extends HiddenPart {
  readonly stream: string;
  readonly lastRevision: number;
  /** Revision of the metadata that say so; undefined where none do. */
  readonly metadataRevision: number | undefined;
}

export interface CandidatePage {
  /** All that were looked at; the last one is what the next page comes after. */
  readonly streams: readonly string[];
  /** Of them, those with something to remove. */
  readonly candidates: readonly Candidate[];
}

/** Metastreams lie side by side in the index: '%' comes right after '$'. */
const METASTREAMS = `stream >= '$$' AND stream < '$%'`;

/** Streams that a scavenge looks at. */
export const countCandidates = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ total: string }>(`
    SELECT (SELECT count(DISTINCT stream) FROM eventstore.events WHERE ${METASTREAMS})
      + (SELECT count(*) FROM eventstore.events WHERE revision = ${TOMBSTONE_REVISION}) AS total`);
  return Number(rows[0]!.total);
};

interface MetadataRow {
  readonly stream: string;
  readonly revision: string;
  readonly data: Buffer | null;
  readonly first_metadata: string;
  readonly last: string | null;
  readonly first: string | null;
  readonly first_created_ms: string | null;
}

const METADATA_PAGE = `
  SELECT m.stream, m.revision, CASE WHEN m.is_json THEN m.data END AS data, f.revision AS first_metadata,
    last.revision AS last, first.revision AS first, first.created_ms AS first_created_ms
  FROM (
    SELECT DISTINCT ON (stream) stream, revision, is_json, data FROM eventstore.events
    WHERE stream > $1 AND ${METASTREAMS} ORDER BY stream, revision DESC LIMIT ${STREAMS_PAGE}
  ) m
  CROSS JOIN LATERAL (
    SELECT revision FROM eventstore.events e WHERE e.stream = m.stream ORDER BY revision LIMIT 1
  ) f
  LEFT JOIN LATERAL (
    SELECT revision FROM eventstore.events e
    WHERE e.stream = substr(m.stream, 3) ORDER BY revision DESC LIMIT 1
  ) last ON true
  LEFT JOIN LATERAL (
    SELECT revision, created_ms FROM eventstore.events e
    WHERE e.stream = substr(m.stream, 3) ORDER BY revision LIMIT 1
  ) first ON true
  ORDER BY m.stream`;

/** Streams with metadata, and those metastreams themselves, as far as anything of them is hidden. */
export const withMetadata = async (
  client: pg.Client,
  after: string,
  now: number,
): Promise<CandidatePage> => {
  const { rows } = await client.query<MetadataRow>(METADATA_PAGE, [after]);
  const candidates = rows.flatMap((row) => [...streamOf(row, now), ...metastreamIn(row, now)]);
  return { streams: rows.map(({ stream }) => stream), candidates };
};

const streamOf = (row: MetadataRow, now: number): Candidate[] => {
  const stream = row.stream.slice(2);
  if (row.last === null || isMetastream(stream)) return [];
  const lastRevision = Number(row.last);
  const metadata = row.data ? parseStreamMetadata(row.data) : undefined;
  const hidden = hiddenPart(stream, lastRevision, metadata, now);
  const begins = Number(row.first) < hidden.beforeRevision;
  const isOld = Number(row.first_created_ms) < hidden.beforeMs && Number(row.first) < lastRevision;
  if (!begins && !isOld) return [];
  return [{ ...hidden, stream, lastRevision, metadataRevision: Number(row.revision) }];
};

const metastreamIn = (row: MetadataRow, now: number): Candidate[] => {
  const { stream } = row;
  const lastRevision = Number(row.revision);
  if (Number(row.first_metadata) === lastRevision) return [];
  const hidden = hiddenPart(stream, lastRevision, undefined, now);
  return [{ ...hidden, stream, lastRevision, metadataRevision: undefined }];
};

/** A tombstone is for ever, so nothing needs to be looked at again. */
export const tombstoned = async (client: pg.Client, after: string): Promise<CandidatePage> => {
  const { rows } = await client.query<{ stream: string }>(
    `SELECT stream FROM eventstore.events
     WHERE stream > $1 AND revision = ${TOMBSTONE_REVISION} ORDER BY stream LIMIT ${STREAMS_PAGE}`,
    [after],
  );
  const streams = rows.map(({ stream }) => stream);
  const candidates = streams.map((stream) => ({
    ...hiddenPart(stream, TOMBSTONE_REVISION, undefined, 0),
    stream,
    lastRevision: TOMBSTONE_REVISION,
    metadataRevision: undefined,
  }));
  return { streams, candidates };
};
