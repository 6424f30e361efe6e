/**
 * What an attempt came to, from how the request ended: delivered by any 2xx and by nothing else; everything else is tried again on the
 * schedule, for who can tell whether a 404 is for ever. What the receiver answered is kept, cookies excepted.
 */
import { isUtf8 } from 'node:buffer';
import type { Attempt } from '../../domain/delivery/events.js';
import { withRetryAfter } from '../../domain/delivery/schedule.js';
import type { DialOutcome } from './dial.js';

type Failure = NonNullable<Attempt['error']>;
type Response = NonNullable<Attempt['response']>;

const headerBytesMax = 2_048;
const textMax = 300;

const codes: Readonly<Record<string, Failure['code']>> = {
  DEADLINE: 'timeout',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNREFUSED: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  ETIMEDOUT: 'connect',
  UND_ERR_CONNECT_TIMEOUT: 'connect',
};
const isTls = (code: string): boolean =>
  /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code);

const cut = (text: string): string => text.slice(0, textMax);

export const failureOf = (outcome: DialOutcome): Failure | null => {
  if (outcome.kind === 'refused') return { code: 'refused-address', text: cut(outcome.reason) };
  if (outcome.kind === 'failed') {
    const code = codes[outcome.code] ?? (isTls(outcome.code) ? 'tls' : 'closed');
    const { reason } = outcome;
    const named = reason.includes(outcome.code) ? reason : `${outcome.code} ${reason}`;
    return { code, text: cut(named) };
  }
  const { status } = outcome;
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) {
    return { code: 'redirect', text: `${status}: redirects are not followed` };
  }
  return { code: 'status', text: String(status) };
};

const keptHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> => {
  const kept: Record<string, string> = {};
  let bytes = 0;
  for (const name in headers) {
    const value = headers[name] ?? '';
    bytes += name.length + value.length;
    if (bytes > headerBytesMax) break;
    if (name !== 'set-cookie') kept[name] = value;
  }
  return kept;
};

/** What is kept of an answer. */
export type ResponseOf = (outcome: DialOutcome) => Response | undefined;

/** For one endpoint: what it answers to most of what it is sent has no body and the same headers, and is the same object then. */
export const createResponseOf = (): ResponseOf => {
  let headers: object | null = null;
  let bodiless: Response | undefined;
  return (outcome) => {
    if (outcome.kind !== 'answered') return undefined;
    if (outcome.body.length > 0 || outcome.truncated) return responseOf(outcome);
    if (headers !== outcome.headers || !bodiless) {
      headers = outcome.headers;
      bodiless = responseOf(outcome);
    }
    return bodiless;
  };
};

const responseOf = ({
  headers,
  body,
  truncated,
}: Extract<DialOutcome, { kind: 'answered' }>): Response => {
  const response: Response = { headers: keptHeaders(headers) };
  if (body.length > 0) {
    // A character may be cut in two at the end of what is kept.
    const isText = isUtf8(truncated ? body.subarray(0, -3) : body) || isUtf8(body);
    response.body = body.toString(isText ? 'utf8' : 'base64');
    if (!isText) response.encoding = 'base64';
  }
  if (truncated) response.truncated = true;
  return response;
};

/** What Retry-After asks for, in milliseconds; null: nothing that can be understood. */
export const retryAfterMs = (text: string | undefined, now: number): number | null => {
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
};

/** When it may be tried again, and whether the receiver itself named the time. */
export const nextOf = (
  outcome: DialOutcome,
  delayMs: number,
  now: number,
): { readonly next: number; readonly notBefore?: number } => {
  const isAsked = outcome.kind === 'answered' && (outcome.status === 429 || outcome.status === 503);
  const asked = isAsked ? retryAfterMs(outcome.headers['retry-after'], now) : null;
  const next = now + withRetryAfter(delayMs, asked);
  return asked === null ? { next } : { next, notBefore: now + withRetryAfter(0, asked) };
};
