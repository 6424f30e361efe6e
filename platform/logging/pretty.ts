/** Log lines for people: one line each, `12:34:56.789 INFO  message key=value`, a stack below where there is one. */
import type { Writable } from 'node:stream';
import colors from 'picocolors';

interface Line {
  readonly time: number;
  readonly level: string;
  readonly msg?: string;
  readonly err?: { readonly stack?: string; readonly message?: string };
  readonly [field: string]: unknown;
}

const painted: Readonly<Record<string, (text: string) => string>> = {
  fatal: colors.red,
  error: colors.red,
  warn: colors.yellow,
  info: colors.green,
  debug: colors.gray,
  trace: colors.gray,
};

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return /^[^\s"=]+$/.test(text) || typeof value !== 'string' ? text : JSON.stringify(text);
};

/** One JSON line of pino as one line for people; what is not JSON passes unchanged. */
export const prettyLine = (json: string): string => {
  let line: Line;
  try {
    line = JSON.parse(json) as Line;
  } catch {
    return json;
  }
  const { time, level, msg, err, pid: _pid, hostname: _hostname, ...fields } = line;
  const clock = new Date(time).toISOString().slice(11, 23);
  const name = level.toUpperCase().padEnd(5);
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${shown(value)}`);
  const head = [colors.gray(clock), (painted[level] ?? String)(name), msg ?? ''];
  const tail = pairs.length > 0 ? [colors.gray(pairs.join(' '))] : [];
  const stack = err === undefined ? '' : `\n${err.stack ?? err.message ?? ''}`;
  return `${[...head, ...tail].join(' ')}${stack}\n`;
};

/** A destination for pino that writes for people. */
export const prettyDestination = (stream: Writable) => ({
  write: (json: string): void => void stream.write(prettyLine(json)),
});
