/**
 * Single events by stream and revision, many at a time: what links point to. The lateral subquery makes every pair one
 * look-up in the index, whatever the planner believes of the table.
 */
import pg from 'pg';
import type { LinkTarget } from '../wire/linkFrames.js';

/** The answer ends with the event that brings its payload to this, bytes. */
export const TARGET_BYTES_MAX = 1024 * 1024;

/** Selects the columns of a page of the log, and last the place of the target in the list, from 1. */
export const targetsQuery = (targets: readonly LinkTarget[], head: number): string => {
  const streams = targets.map(({ stream }) => pg.escapeLiteral(stream)).join(',');
  const revisions = targets.map(({ revision }) => revision).join(',');
  return `
    SELECT position, revision, created_ms, event_id, is_json, stream, type, data, metadata, ordinal FROM (
      SELECT e.*, l.ordinal, sum(octet_length(e.data) + octet_length(e.metadata))
        OVER (ORDER BY l.ordinal ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
      FROM unnest(ARRAY[${streams}]::text[], ARRAY[${revisions}]::bigint[])
        WITH ORDINALITY AS l (stream, revision, ordinal)
      CROSS JOIN LATERAL (
        SELECT * FROM eventstore.events e
        WHERE e.stream = l.stream COLLATE "C" AND e.revision = l.revision AND e.position <= ${head}
        OFFSET 0
      ) AS e
    ) AS sized
    WHERE bytes_before IS NULL OR bytes_before < ${TARGET_BYTES_MAX}
    ORDER BY ordinal`;
};
