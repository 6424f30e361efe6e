/**
 * Times as people type them: "2026-03-01", "2026-03-01T12:00", "2026-03-01T12:00:00Z", and back from now "90s", "30m", "2h", "7d".
 * Without a zone they are UTC, as everything in the log is.
 */
import { InvalidArgumentError } from 'commander';

const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const dayMs = unitsMs.d;

/** A day alone is its beginning, or its end where `end` is asked for. Null where it is no time. */
export const parseWhen = (text: string, now: number, end = false): number | null => {
  const back = /^(\d{1,6})([smhd])$/.exec(text);
  if (back) return now - Number(back[1]) * unitsMs[back[2] as keyof typeof unitsMs];
  if (!/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?$/.test(text)) return null;
  const iso = text.replace(' ', 'T');
  const day = iso.length === 10;
  const zoned = day || /(Z|[+-]\d\d:?\d\d)$/.test(iso);
  const at = Date.parse(zoned ? iso : `${iso}Z`);
  if (Number.isNaN(at)) return null;
  return day && end ? at + dayMs - 1 : at;
};

/** For options of commander: an ISO time. */
export const timeArgument =
  (end: boolean) =>
  (text: string): string => {
    const at = parseWhen(text, Date.now(), end);
    if (at === null) {
      throw new InvalidArgumentError(
        'Must be a time such as 2026-03-01T12:00Z, a day, or 2h ago as 2h',
      );
    }
    return new Date(at).toISOString();
  };

export const limitArgument = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1_000_000) {
    throw new InvalidArgumentError('Must be a whole number from 1 to 1000000');
  }
  return value;
};
