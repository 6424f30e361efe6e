/**
 * Removes for good what $maxAge, $maxCount, $tb, deletes and tombstones have hidden, and the metadata that newer ones
 * replaced. Works beside a node: each step is one short statement over at most a page of one stream.
 *
 * Invariant: a statement removes only what is hidden by the metadata that hold at that moment (it looks at them again),
 * never the last event of a stream, and moves nothing. There is nothing to resume: what was removed is gone, and
 * streams that are done are passed over five hundred at a time, so a second run goes on where the first was stopped.
 */
import type pg from 'pg';
import { isMetastream, metastreamOf, TOMBSTONE_REVISION } from '../log/append.js';
import { pause } from '../log/pause.js';
import { parseStreamMetadata } from '../log/streamMetadata.js';
import type { EventStoreOptions } from '../options.js';
import { hasWriter, lockForScavenge, openTool, requireLog } from './connection.js';
import { type HiddenPart, hiddenPart } from './hidden.js';

export interface ScavengeOptions {
  readonly postgres: EventStoreOptions['postgres'];
  /** Only count. */
  readonly dryRun: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((share: number, removed: number) => void) | undefined;
  readonly now?: () => number;
}

export interface ScavengeResult {
  readonly complete: boolean;
  /** Streams that have metadata or a tombstone. */
  readonly streams: number;
  readonly events: number;
  /** Of their data and metadata. */
  readonly bytes: number;
}

const STREAMS_PAGE = 500;
const EVENTS_PAGE = 1000;

/** A stream to look at, with what is hidden of it. */
interface Candidate extends HiddenPart {
  readonly stream: string;
  readonly lastRevision: number;
  /** Revision of the metadata that say so; undefined where none do. */
  readonly metadataRevision: number | undefined;
}

/** @throws NoLog; StoreRefused while the log is exported or scavenged */
export const scavenge = async (options: ScavengeOptions): Promise<ScavengeResult> => {
  const client = await openTool(options.postgres, 'scavenge');
  try {
    await requireLog(client);
    await lockForScavenge(client);
    // Events that come back after a power failure are as hidden as before.
    await client.query('SET synchronous_commit = off');
    return await new Scavenge(client, options, await hasWriter(client)).run();
  } finally {
    await client.end();
  }
};

class Scavenge {
  private streams = 0;
  private events = 0;
  private bytes = 0;
  private total = 0;

  constructor(
    private readonly client: pg.Client,
    private readonly options: ScavengeOptions,
    /** A node is at work: leave it every other moment. */
    private readonly isShared: boolean,
  ) {}

  async run(): Promise<ScavengeResult> {
    this.total = await countCandidates(this.client);
    const now = (this.options.now ?? Date.now)();
    const complete =
      (await this.pass((after) => withMetadata(this.client, after, now))) &&
      (await this.pass((after) => tombstoned(this.client, after)));
    if (complete && this.events > 0 && !this.options.dryRun) {
      // Makes the room usable for new events at once, and reads by index alone possible again.
      await this.client.query('VACUUM (ANALYZE) eventstore.events');
    }
    const { streams, events, bytes } = this;
    return { complete, streams, events, bytes };
  }

  /** Goes through all streams of one kind, by name. False when it was stopped. */
  private async pass(
    page: (after: string) => Promise<{ streams: string[]; candidates: Candidate[] }>,
  ): Promise<boolean> {
    for (let after = ''; ;) {
      const { streams, candidates } = await page(after);
      for (const candidate of candidates) {
        if (!(await this.clear(candidate))) return false;
      }
      this.streams += streams.length;
      this.report();
      if (this.options.signal?.aborted) return false;
      if (streams.length < STREAMS_PAGE) return true;
      after = streams.at(-1)!;
    }
  }

  /** Removes the hidden part of one stream, page by page. False when it was stopped. */
  private async clear(candidate: Candidate): Promise<boolean> {
    for (let from = 0; ;) {
      if (this.options.signal?.aborted) return false;
      const startedAt = performance.now();
      const step = await this.step(candidate, from);
      this.events += step.removed;
      this.bytes += step.bytes;
      this.report();
      // Times rise with revisions, so the first event that stays ends the hidden part.
      if (step.seen < EVENTS_PAGE || step.removed < step.seen) return true;
      from = step.last + 1;
      if (this.isShared) await pause(performance.now() - startedAt);
    }
  }

  private async step(
    { stream, lastRevision, beforeRevision, beforeMs, metadataRevision }: Candidate,
    from: number,
  ): Promise<{ seen: number; last: number; removed: number; bytes: number }> {
    const { rows } = await this.client.query<Record<string, string | null>>({
      name: `step-${this.options.dryRun}`,
      text: stepQuery(this.options.dryRun),
      values: [
        stream,
        from,
        beforeMs > 0 ? lastRevision : beforeRevision,
        beforeRevision,
        beforeMs,
        metadataRevision === undefined ? null : metastreamOf(stream),
        metadataRevision ?? null,
      ],
    });
    const [row] = rows;
    const number = (name: string): number => Number(row?.[name] ?? 0);
    return {
      seen: number('seen'),
      last: number('last'),
      removed: number('removed'),
      bytes: number('bytes'),
    };
  }

  private report(): void {
    this.options.onProgress?.(
      this.total === 0 ? 1 : Math.min(1, this.streams / this.total),
      this.events,
    );
  }
}

const stepQuery = (dryRun: boolean): string => `
  WITH page AS MATERIALIZED (
    SELECT position, revision, created_ms, octet_length(data) + octet_length(metadata) AS bytes
    FROM eventstore.events
    WHERE stream = $1 AND revision >= $2 AND revision < $3
    ORDER BY revision LIMIT ${EVENTS_PAGE}
  ), hidden AS (
    SELECT position, bytes FROM page
    WHERE (revision < $4 OR created_ms < $5)
      AND ($6::text IS NULL OR $7::bigint = (SELECT max(revision) FROM eventstore.events WHERE stream = $6))
  ), removed AS (
    ${
      dryRun
        ? 'SELECT bytes FROM hidden'
        : 'DELETE FROM eventstore.events e USING hidden WHERE e.position = hidden.position RETURNING bytes'
    }
  )
  SELECT (SELECT count(*) FROM page) AS seen, (SELECT max(revision) FROM page) AS last,
    count(*) AS removed, coalesce(sum(bytes), 0) AS bytes
  FROM removed`;

/** Metastreams lie side by side in the index: '%' comes right after '$'. */
const METASTREAMS = `stream >= '$$' AND stream < '$%'`;

const countCandidates = async (client: pg.Client): Promise<number> => {
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
const withMetadata = async (client: pg.Client, after: string, now: number) => {
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
const tombstoned = async (client: pg.Client, after: string) => {
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
