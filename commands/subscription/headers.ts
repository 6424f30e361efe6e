/** The headers that a partner wants sent along: which may be, and how many. Values are never told again. */
import type { Fault } from '../validation.js';

export type OwnHeaders = Readonly<Record<string, string>>;

export const headersMax = 20;
const bytesMax = 8_000;
const nameGrammar = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
/** Printable ASCII and blanks within: whatever else is a way to add headers. */
const valueGrammar = /^[\x21-\x7e](?:[\x20-\x7e]{0,1998}[\x21-\x7e])?$/;

/** What the request itself is made of, and what says who sent it. */
const reserved = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);
const isReserved = (name: string): boolean =>
  reserved.has(name) || /^(ce|webhook|proxy|sec|x-forwarded)-/.test(name);

const pointerOf = (name: string): string =>
  `/headers/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`;

/** In lower case, as they are sealed. */
export const normalised = (headers: OwnHeaders): OwnHeaders =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

export const faultsOfHeaders = (headers: OwnHeaders): Fault[] => {
  const entries = Object.entries(headers);
  const size = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (entries.length > headersMax) {
    return [{ pointer: '/headers', reason: `must not have more than ${headersMax} entries` }];
  }
  if (size > bytesMax) {
    return [{ pointer: '/headers', reason: `must not be more than ${bytesMax} characters` }];
  }
  const names = entries.map(([name]) => name.toLowerCase());
  return entries.flatMap(([name, value], i): Fault[] => {
    const pointer = pointerOf(name);
    const lower = name.toLowerCase();
    if (!nameGrammar.test(name)) return [{ pointer, reason: 'is no name of a header' }];
    if (isReserved(lower)) return [{ pointer, reason: 'is set by the delivery itself' }];
    if (names.indexOf(lower) < i) return [{ pointer, reason: 'is given more than once' }];
    if (!valueGrammar.test(value)) {
      return [{ pointer, reason: 'must be 1 to 2,000 printable ASCII characters' }];
    }
    return [];
  });
};
