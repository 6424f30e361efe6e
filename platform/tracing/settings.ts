/** What a process and each of its threads are told of tracing, and what they get. */
import type { Tracing } from '../../commands/tracing.js';
import type { Config } from '../config.js';

export interface TracingSettings {
  /** Of the collector, without credentials. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of traces that begin here: from 0 up to 1. */
  readonly share: number;
  readonly version: string;
  readonly roles: string;
}

export interface OpenTracing {
  readonly tracing: Tracing;
  /** Hands over what there is, for two seconds at most. Twice is safe. */
  close(): Promise<void>;
}

export interface TracingNews {
  /** The collector is away; once until it is back. */
  away(error: Error): void;
  /** Spans that were handed over, or lost. */
  spans?: ((outcome: 'exported' | 'lost', count: number) => void) | undefined;
}

const tracesPath = '/v1/traces';

/** Null: off. */
export const tracingSettings = (
  config: Pick<Config, 'otlpUrl' | 'otlpShare' | 'roles'>,
  version: string,
): TracingSettings | null => {
  if (config.otlpUrl === '') return null;
  const url = new URL(config.otlpUrl);
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const headers: Record<string, string> =
    pair === ':' ? {} : { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  url.username = url.password = '';
  // As OpenTelemetry's own settings have it: the address of the collector, or the whole path.
  if (url.pathname === '/') url.pathname = tracesPath;
  return { url: url.href, headers, share: config.otlpShare, version, roles: config.roles.join() };
};
