/**
 * What the metadata of a stream say about which of its events may still be read. Metadata are the JSON of the last
 * event of `$$<stream>`; a soft delete is a `$tb` (truncate before) above any revision.
 */

/**
 * What a soft delete leaves of the metadata: nothing but a `$tb` of the largest int64, which is written out in digits
 * since no number holds it.
 */
export const DELETED_METADATA = '{"$tb":9223372036854775807}';

export interface StreamMetadata {
  /** Every key as it was written, for those who add to it. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly maxAgeS: number | undefined;
  readonly maxCount: number | undefined;
  readonly truncateBefore: number;
  readonly isDeleted: boolean;
}

const wholeNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 ? Math.floor(value) : undefined;

/** Reads the JSON of a metadata event; what is not a JSON object says nothing. */
export const parseStreamMetadata = (json: Buffer): StreamMetadata | undefined => {
  let values: unknown;
  try {
    values = JSON.parse(json.toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return undefined;
  const record = values as Record<string, unknown>;
  const truncateBefore = wholeNumber(record['$tb']) ?? 0;
  return {
    values: record,
    maxAgeS: wholeNumber(record['$maxAge']),
    maxCount: wholeNumber(record['$maxCount']),
    truncateBefore,
    isDeleted: truncateBefore > Number.MAX_SAFE_INTEGER,
  };
};

/** Metadata of every metadata stream: only its last event may be read. */
export const METASTREAM_METADATA: StreamMetadata = {
  values: {},
  maxAgeS: undefined,
  maxCount: 1,
  truncateBefore: 0,
  isDeleted: false,
};

/** JSON of the metadata with `$tb` set to a revision. */
export const withTruncateBefore = (
  metadata: StreamMetadata | undefined,
  revision: number,
): string => JSON.stringify({ ...metadata?.values, $tb: revision });

/** The first revision of a stream ending at `lastRevision` that its metadata leave visible. */
export const firstVisibleRevision = (
  lastRevision: number,
  metadata: StreamMetadata | undefined,
): number => {
  if (!metadata) return 0;
  const byCount = metadata.maxCount === undefined ? 0 : lastRevision - metadata.maxCount + 1;
  return Math.max(0, byCount, metadata.truncateBefore);
};
