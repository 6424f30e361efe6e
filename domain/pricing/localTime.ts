/**
 * A moment as the clock on a merchant's wall shows it. Pure: the zone's rules come with the runtime, the moment is given.
 *
 * Asking Intl costs microseconds, so the offset of a zone is remembered for the quarter of an hour: no zone changes its offset
 * within one. What is remembered is bounded.
 */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

export interface LocalTime {
  readonly weekday: Weekday;
  /** Since local midnight, 0 to 1439. */
  readonly minute: number;
  /** YYYY-MM-DD */
  readonly date: string;
}

const quarterMs = 15 * 60_000;
const minuteMs = 60_000;
const dayMs = 86_400_000;
const rememberedMax = 1_000;

const formats = new Map<string, Intl.DateTimeFormat>();
/** By zone, then by quarter of an hour. */
const offsets = new Map<string, Map<number, number>>();
/** By days since 1970. */
const dates = new Map<number, string>();

/** @throws RangeError where the runtime knows no such zone. */
const formatOf = (timeZone: string): Intl.DateTimeFormat =>
  remembered(
    formats,
    timeZone,
    () =>
      new Intl.DateTimeFormat('en-GB', {
        timeZone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
      }),
  );

/** Milliseconds that the zone is ahead of UTC at `at`, to the minute. */
const offsetAt = (at: number, timeZone: string): number => {
  const quarter = Math.floor(at / quarterMs);
  const ofZone = remembered(offsets, timeZone, () => new Map<number, number>());
  return remembered(ofZone, quarter, () => {
    const parts: Record<string, number> = {};
    for (const { type, value } of formatOf(timeZone).formatToParts(quarter * quarterMs)) {
      parts[type] = Number(value);
    }
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute) - quarter * quarterMs;
  });
};

const remembered = <Key, Value>(known: Map<Key, Value>, key: Key, find: () => Value): Value => {
  let value = known.get(key);
  if (value === undefined) {
    value = find();
    if (known.size >= rememberedMax) known.clear();
    known.set(key, value);
  }
  return value;
};

export const isTimeZone = (timeZone: string): boolean => {
  try {
    formatOf(timeZone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
};

/** `at` in milliseconds. @throws RangeError where the runtime knows no such zone. */
export const localTime = (at: number, timeZone: string): LocalTime => {
  const local = at + offsetAt(at, timeZone);
  const days = Math.floor(local / dayMs);
  return {
    // 1970-01-01 was a Thursday.
    weekday: weekdays[(((days + 3) % 7) + 7) % 7] as Weekday,
    minute: Math.floor((local - days * dayMs) / minuteMs),
    date: remembered(dates, days, () => new Date(local).toISOString().slice(0, 10)),
  };
};
