/**
 * A moment as the clock on a merchant's wall shows it. Pure: the zone's rules come with the runtime, the moment is given.
 *
 * Asking Intl costs microseconds, so the offset of a zone is remembered for the day, and for the quarter of an hour on days on which
 * it changes: no zone changes it within one. What is remembered is bounded.
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
/** By zone, then by day of UTC. */
const offsetsByDay = new Map<string, Map<number, number>>();
/** Of the days on which the clocks change: by zone, then by quarter of an hour. */
const offsetsByQuarter = new Map<string, Map<number, number>>();
const changes = Infinity;
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
  const day = Math.floor(at / dayMs);
  const ofDay = remembered(remembered(offsetsByDay, timeZone, newMap), day, () =>
    offsetOfDay(day, timeZone),
  );
  if (ofDay !== changes) return ofDay;
  const quarter = Math.floor(at / quarterMs);
  return remembered(remembered(offsetsByQuarter, timeZone, newMap), quarter, () =>
    askOffset(quarter * quarterMs, timeZone),
  );
};
const newMap = (): Map<number, number> => new Map();

/** No zone moves its clocks and back again within twelve hours. */
const offsetOfDay = (day: number, timeZone: string): number => {
  const offset = askOffset(day * dayMs, timeZone);
  const later = [0.5, 1].map((part) => askOffset((day + part) * dayMs, timeZone));
  return later.every((one) => one === offset) ? offset : changes;
};

const askOffset = (at: number, timeZone: string): number => {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute) - at;
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
