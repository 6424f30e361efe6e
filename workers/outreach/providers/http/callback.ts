/** A call of the provider: proved by a signature over its bytes or by a token, read by the pointers of the settings. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Callback, CallbackResult, Receipt } from '../port.js';
import { at, textAt } from './pointer.js';
import type { HttpCallback, HttpSecrets, HttpSettings } from './settings.js';

const isSame = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const isProved = (
  { headers, query, body }: Callback,
  { proof }: HttpCallback,
  secret: string,
): boolean => {
  if (proof.kind === 'token') {
    const given = proof.header === undefined ? query['token'] : headers[proof.header];
    return isSame((given ?? '').replace(/^Bearer /, ''), secret);
  }
  const { header, algorithm, encoding, prefix = '' } = proof;
  const signature = createHmac(algorithm, secret).update(body).digest(encoding);
  return isSame(headers[header] ?? '', `${prefix}${signature}`);
};

const parsed = ({ headers, body }: Callback): unknown => {
  const text = body.toString();
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Below it a number counts seconds: the year 5138 in them, March 1973 in milliseconds. */
const secondsMost = 100_000_000_000;
const timeOf = (text: string | null, now: number): number => {
  if (text === null) return now;
  const number = Number(text);
  const time = Number.isFinite(number)
    ? number * (number < secondsMost ? 1_000 : 1)
    : Date.parse(text);
  // A clock that is ahead of ours tells nothing that has not been.
  return Number.isFinite(time) ? Math.min(now, Math.max(0, Math.round(time))) : now;
};

const receiptOf = (item: unknown, callback: HttpCallback, now: number): Receipt | null => {
  const status = textAt(item, callback.status);
  const found = callback.statuses.find(({ is }) => is === status);
  const clientReference = textAt(item, callback.clientReference);
  const providerReference = textAt(item, callback.providerReference);
  if (!found || (clientReference === null && providerReference === null)) return null;
  const code = textAt(item, callback.code);
  const text = textAt(item, callback.text);
  return {
    ...(clientReference === null ? {} : { clientReference: clientReference.slice(0, 64) }),
    ...(providerReference === null ? {} : { providerReference: providerReference.slice(0, 200) }),
    status: found.means as Receipt['status'],
    ...(found.class === undefined ? {} : { errorClass: found.class }),
    ...(code === null ? {} : { code: code.slice(0, 80) }),
    ...(text === null ? {} : { text: text.slice(0, 500) }),
    at: timeOf(textAt(item, callback.at), now),
  };
};

export const readCallback = (
  call: Callback,
  options: { readonly settings: HttpSettings; readonly secrets: HttpSecrets; readonly now: number },
): CallbackResult => {
  const { callback } = options.settings;
  const secret = options.secrets['callback'];
  if (!callback || secret === undefined) {
    return { kind: 'refused', reason: 'no callback was agreed: set callback and secrets.callback' };
  }
  if (!isProved(call, callback, secret)) return { kind: 'refused', reason: 'it is not proved' };
  const body = parsed(call);
  const list = at(body, callback.receipts ?? '');
  if (body === undefined || list === undefined) {
    return { kind: 'refused', reason: 'the body is not what was agreed' };
  }
  const items: readonly unknown[] = Array.isArray(list) ? list : [list];
  const receipts = items.flatMap((item) => receiptOf(item, callback, options.now) ?? []);
  return { kind: 'receipts', receipts };
};
