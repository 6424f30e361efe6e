/**
 * What the metadata of a stream say about which of its events may still be read. Metadata are the JSON of the last
 * event of `$$<stream>`; a soft delete is a `$tb` (truncate before) above any revision.
 */

/** `$tb` of a soft delete: the largest int64, which is written out in digits since no number holds it. */
const DELETED_TRUNCATE_BEFORE = '9223372036854775807';

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

/** JSON of the metadata with `$tb` set: to a revision, or to that of a deleted stream. */
export const withTruncateBefore = (
  metadata: StreamMetadata | undefined,
  before: number | 'deleted',
): string => {
  const others = Object.entries(metadata?.values ?? {}).filter(([key]) => key !== '$tb');
  const fields = others.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  fields.push(`"$tb":${before === 'deleted' ? DELETED_TRUNCATE_BEFORE : before}`);
  return `{${fields.join(',')}}`;
};

/** The first revision of a stream ending at `lastRevision` that its metadata leave visible. */
export const firstVisibleRevision = (
  lastRevision: number,
  metadata: StreamMetadata | undefined,
): number => {
  if (!metadata) return 0;
  const byCount = metadata.maxCount === undefined ? 0 : lastRevision - metadata.maxCount + 1;
  return Math.max(0, byCount, metadata.truncateBefore);
};
