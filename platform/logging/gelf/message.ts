/**
 * A line of the log as a GELF 1.1 message. Runs in the thread that hands lines over, so that nobody else pays for it.
 *
 * Fields become `_snake_case`, what they hold `_outer_inner`, so that `correlationId` is searched as `_correlation_id`. Graylog keeps
 * only text and numbers, refuses `_id`, and its store refuses a text beyond 32,766 bytes: hence the limits.
 */
export interface GelfMessage {
  readonly version: '1.1';
  readonly host: string;
  readonly short_message: string;
  readonly full_message?: string;
  /** Seconds since the epoch. */
  readonly timestamp: number;
  /** Of syslog: 3 error, 4 warning, 6 informational, 7 debug; a fatal one is 2, critical. */
  readonly level: number;
  readonly [field: `_${string}`]: string | number;
}

export interface GelfOrigin {
  readonly host: string;
  /** On every message; names without the underscore. */
  readonly fields: Readonly<Record<string, string | number>>;
}

const levels: Readonly<Record<string, number>> = {
  fatal: 2,
  error: 3,
  warn: 4,
  info: 6,
  debug: 7,
  trace: 7,
};
const levelUnknown = 6;

const textMax = 8_000;
const fullMax = 32_000;
const shortMax = 1_000;
const fieldsMax = 80;
const deepest = 4;

const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1)}…`;

const snake = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^\w.-]/g, '_');

/** The one name that Graylog keeps for itself. */
const fieldOf = (path: string): `_${string}` => (path === 'id' ? '_id_' : `_${path}`);

const flatten = (
  into: Record<string, string | number>,
  path: string,
  value: unknown,
  depth: number,
): void => {
  if (value === undefined || value === null) return;
  if (Object.keys(into).length >= fieldsMax) return;
  if (typeof value === 'object' && !Array.isArray(value) && depth < deepest) {
    for (const [name, inner] of Object.entries(value)) {
      flatten(into, `${path}_${snake(name)}`, inner, depth + 1);
    }
    return;
  }
  const kept = typeof value === 'object' ? JSON.stringify(value) : value;
  into[fieldOf(path)] = typeof kept === 'number' ? kept : cut(String(kept), textMax);
};

interface Line {
  readonly time?: unknown;
  readonly level?: unknown;
  readonly msg?: unknown;
  readonly err?: unknown;
  readonly [field: string]: unknown;
}

const parsed = (line: string): Line => {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Line;
  } catch {
    // Not ours: somebody wrote to the stream as it was.
  }
  return { msg: line };
};

const told = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

/** @param now milliseconds since the epoch: for a line that does not say when. */
export const gelfMessageOf = (line: string, origin: GelfOrigin, now: number): GelfMessage => {
  const { time, level, msg, err, ...rest } = parsed(line);
  const fields: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(origin.fields)) flatten(fields, name, value, 0);
  for (const [name, value] of Object.entries(rest)) flatten(fields, snake(name), value, 0);
  const { stack, ...error } = (typeof err === 'object' && err !== null ? err : {}) as {
    readonly stack?: unknown;
  };
  if (err !== undefined) flatten(fields, 'err', typeof err === 'object' ? error : err, 0);
  const short = told(msg).trim() || '(no message)';
  const full = typeof stack === 'string' ? stack : short.length > shortMax ? short : undefined;
  return {
    version: '1.1',
    host: origin.host,
    short_message: cut(short, shortMax),
    ...(full === undefined ? {} : { full_message: cut(full, fullMax) }),
    timestamp: (typeof time === 'number' ? time : now) / 1_000,
    level: levels[String(level)] ?? levelUnknown,
    ...fields,
  };
};
