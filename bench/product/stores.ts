/**
 * The embedded stores behind a running product, for measuring them without it: where they listen stands in the data directory and
 * in the log that the product writes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Product } from './product.js';

interface LogLine {
  readonly msg?: string;
  readonly port?: number;
  readonly host?: string;
}

const parsed = (line: string): LogLine => {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return {}; // something else was printed
  }
};

/** Of the embedded event store, as of its last start. */
export const logConnectionString = ({ logFile }: Product): string => {
  const started = readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes('event store is ready'))
    .map(parsed)
    .at(-1);
  if (started?.port === undefined) {
    throw new Error(`${logFile} does not say where the event store listens`);
  }
  return `esdb://${started.host}:${started.port}?tls=false`;
};

export const postgresUrl = ({ dataDir }: Product, database = 'kopilka'): string => {
  const read = (name: string) => readFileSync(join(dataDir, 'postgres', name), 'utf8').trim();
  return `postgres://kopilka:${read('password')}@127.0.0.1:${read('port')}/${database}`;
};
