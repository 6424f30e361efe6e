/**
 * Whether an address that a stranger gave may be called at all, as far as it can be told without asking anybody: for whoever takes
 * one down, and once more before it is dialled, when what its name stands for is judged as well (resolve.ts).
 */
import { isIP } from 'node:net';
import { type AddressRange, mayReach } from './addresses.js';

export interface UrlRules {
  /** Private ranges that may be reached all the same: tests and intranets name theirs. */
  readonly opened?: readonly AddressRange[];
  /** Plain http to addresses in opened ranges is always allowed; elsewhere only where this is set. */
  readonly plainHttp?: boolean;
}

const urlLengthMax = 2_048;

/** @returns what is wrong with it; null: it may be dialled, if its address may. */
export const faultOfUrl = (given: string, options: UrlRules = {}): string | null => {
  if (given.length > urlLengthMax) return `a URL has at most ${urlLengthMax} characters`;
  if (!URL.canParse(given)) return 'this is no URL: write https://host/path';
  const url = new URL(given);
  if (url.username !== '' || url.password !== '') return 'leave user and password out of the URL';
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const isLiteral = isIP(literal) !== 0;
  if (isLiteral && !mayReach(literal, options.opened)) {
    return `${literal} may not be reached: name a public address`;
  }
  const isOpened = isLiteral && !mayReach(literal);
  if (url.protocol === 'https:') return null;
  if (url.protocol === 'http:' && (options.plainHttp === true || isOpened)) return null;
  return 'only https is called';
};
