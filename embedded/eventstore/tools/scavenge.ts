/**
 * Removes for good what $maxAge, $maxCount, $tb, deletes and tombstones have hidden, and the metadata that newer ones
 * replaced. Works beside a node: each step is one short statement over at most a page of one stream.
 *
 * Invariant: a statement removes only what is hidden by the metadata that hold at that moment (it looks at them again),
 * never the last event of a stream, and moves nothing. There is nothing to resume: what was removed is gone, and
 * streams that are done are passed over five hundred at a time, so a second run goes on where the first was stopped.
 */
import type pg from 'pg';
import { metastreamOf } from '../log/append.js';
import { pause } from '../log/pause.js';
import type { EventStoreOptions } from '../options.js';
import { hasWriter, lockForScavenge, openTool, requireLog } from './connection.js';
import {
  type Candidate,
  type CandidatePage,
  countCandidates,
  STREAMS_PAGE,
  tombstoned,
  withMetadata,
} from './candidates.js';

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

const EVENTS_PAGE = 1000;

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
  private async pass(page: (after: string) => Promise<CandidatePage>): Promise<boolean> {
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
