/**
 * Which events of a stream nobody may read any more, and so may be removed: a beginning of the stream, by revision or
 * by age.
 *
 * The last event of a stream always stays, hidden or not, as EventStoreDB keeps it: it alone says at which revision the
 * stream goes on, and that it is tombstoned. A table of heads could say so too, but every append would have to write
 * it; one row for a deleted stream is cheaper. It also keeps the log's last position from ever being given twice.
 */
import { isMetastream, TOMBSTONE_REVISION } from '../log/append.js';
import { firstVisibleRevision, type StreamMetadata } from '../log/streamMetadata.js';

export interface HiddenPart {
  /** Revisions below this are hidden. */
  readonly beforeRevision: number;
  /** Events created before this are hidden, epoch ms; 0 for none. */
  readonly beforeMs: number;
}

/** Of a stream that ends at `lastRevision`. Neither part reaches the last event. */
export const hiddenPart = (
  stream: string,
  lastRevision: number,
  metadata: StreamMetadata | undefined,
  now: number,
): HiddenPart => {
  const beforeMs = metadata?.maxAgeS === undefined ? 0 : now - metadata.maxAgeS * 1000;
  // Of a metastream only the newest event counts, and of a tombstoned stream only the tombstone.
  const isOnlyLast = isMetastream(stream) || lastRevision === TOMBSTONE_REVISION;
  const visible = isOnlyLast ? lastRevision : firstVisibleRevision(lastRevision, metadata);
  return { beforeRevision: Math.min(visible, lastRevision), beforeMs: Math.max(0, beforeMs) };
};
