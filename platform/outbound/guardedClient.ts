/**
 * Calls to addresses that strangers gave: webhooks, callbacks, providers. The one way out of the building.
 *
 * Invariant: nothing is dialled but an address that was judged (addresses.ts) for this very connection; no redirect is followed; a
 * call is over by its deadline, the answer's body included; of the body no more than 20 KB is kept, unless told. How a call ended is an
 * answer and no exception, since each way has its own consequence: whether anything was sent decides what may be sent again.
 */
import { Agent } from 'undici';
import type { DialOutcome } from '../../workers/webhook/dial.js';
import { AddressRefused, guardedLookup, type Resolve } from './resolve.js';
import { createHeaderReading, Overdue, sendOnce, Unsent } from './sendOnce.js';
import { faultOfUrl, type UrlRules } from './url.js';

export interface OutboundCall {
  readonly url: string;
  readonly method?: 'POST' | 'GET' | 'OPTIONS' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** From now until the last byte of the answer that is kept. 15 s unless told. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** What the dispatcher asks to be told; others need no more. */
export type OutboundOutcome = DialOutcome;

export interface GuardedClient {
  call(call: OutboundCall): Promise<OutboundOutcome>;
  /** Ends what is under way. Twice is safe. */
  close(): Promise<void>;
}

export interface GuardedClientOptions extends UrlRules {
  /** Connections to one origin at a time; 16 unless told. */
  readonly connectionsMax?: number;
  /** How long a connection is kept that nothing goes over; 30 s unless told. Below what servers wait, nothing is written to one that is gone. */
  readonly idleMs?: number;
  /** Bytes of an answer's body; 20 KB unless told. */
  readonly bodyKeptMax?: number;
  readonly resolve?: Resolve;
}

const deadlineDefaultMs = 15_000;
const bodyKeptDefault = 20 * 1024;
const connectMs = 10_000;
const idleDefaultMs = 30_000;

/** Before a byte was sent. */
const unsentCodes = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const isTlsCode = (code: string): boolean =>
  /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code);

const codeOf = (error: unknown): string => {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name ?? 'Error');
};

/** A connection that was tried at several addresses fails with all of their errors. */
const innermost = (error: unknown): unknown => {
  const { errors, cause } = error as { errors?: readonly unknown[]; cause?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return innermost(errors[0]);
  return cause instanceof Error ? innermost(cause) : error;
};

/** A URL as it is dialled, or what is wrong with it. */
interface Target {
  readonly url: string;
  readonly fault: string | null;
  readonly origin: string;
  readonly path: string;
}

export const createGuardedClient = (options: GuardedClientOptions = {}): GuardedClient => {
  const { opened = [], bodyKeptMax = bodyKeptDefault } = options;
  const agent = new Agent({
    connect: { lookup: guardedLookup(opened, options.resolve), timeout: connectMs },
    connections: options.connectionsMax ?? 16,
    pipelining: 1,
    keepAliveTimeout: options.idleMs ?? idleDefaultMs,
    keepAliveMaxTimeout: options.idleMs ?? idleDefaultMs,
    headersTimeout: 0, // the deadline of the call rules
    bodyTimeout: 0,
  });
  const reading = createHeaderReading();
  let closing = false;

  /** Many calls go to the same URL, one after the other. */
  let known: Target | null = null;
  const targetOf = (url: string): Target => {
    if (known?.url === url) return known;
    const fault = faultOfUrl(url, options);
    if (fault !== null) return (known = { url, fault, origin: '', path: '' });
    const { origin, pathname, search } = new URL(url);
    return (known = { url, fault, origin, path: pathname + search });
  };

  const failed = (error: unknown, milliseconds: number): OutboundOutcome => {
    const cause = innermost(error);
    const overdue = cause instanceof Overdue;
    if (cause instanceof AddressRefused) {
      return { kind: 'refused', reason: cause.message, milliseconds };
    }
    const code = overdue ? 'DEADLINE' : closing ? 'CLOSED' : codeOf(cause);
    const sent = !(error instanceof Unsent) && !unsentCodes.has(code) && !isTlsCode(code);
    const said = cause instanceof Error && cause.message ? cause.message : code;
    const reason = overdue ? 'no whole answer within the deadline' : said;
    return { kind: 'failed', code, reason, sent, milliseconds };
  };

  const call: GuardedClient['call'] = async (given) => {
    const started = performance.now();
    const elapsed = () => Math.round(performance.now() - started);
    const { fault, origin, path } = targetOf(given.url);
    if (fault !== null) return { kind: 'refused', reason: fault, milliseconds: elapsed() };
    const { method = 'POST', headers, body = null, deadlineMs = deadlineDefaultMs } = given;
    const { signal } = given;
    try {
      const request = { origin, path, method, headers, body, deadlineMs, signal };
      const answer = await sendOnce(agent, request, reading, bodyKeptMax);
      return { kind: 'answered', ...answer, milliseconds: elapsed() };
    } catch (error) {
      return failed(error, elapsed());
    }
  };

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    closing = true;
    await agent.destroy();
  };
  return { call, close: () => (closed ??= close()) };
};
