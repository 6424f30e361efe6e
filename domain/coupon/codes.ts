/**
 * Codes of coupons, derived and not stored. The n-th code of a series is 16 letters: 3 name the series, 6 are n under a keyed
 * permutation, 7 are a MAC of both. So a code is checked without any store, the codes of a series betray neither how many there
 * are nor each other, and two series share none: the first letters differ.
 *
 * Whoever knows a series but not its key hits a code of it with one guess in 2^35 (about 34 thousand million) times 10^9 / issued:
 * the MAC must be right, and the number behind it must have been issued. With a million codes issued that is one in 3.4 × 10^13.
 *
 * Letters are those of Crockford's base 32: there is no I, L, O or U to be misread or to make words; who types them is understood
 * (I and L as 1, O as 0), as is lower case and any dash or
 * blank. A dot is in no code: what holds one is the id of a coupon that was granted.
 */
import type { CouponCode } from './ids.js';
import { blockBytes, permutation, type Prf } from './permutation.js';

export { type Prf } from './permutation.js';

/** Of one series. */
export const codesMost = 1_000_000_000;
/** Three letters. 0 is nobody's. */
export const seriesNumberMost = 32_767;

const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const onlyLetters = new RegExp(`^[${letters}]+$`);
const seriesLetters = 3;
const placeLetters = 6;
const codeLetters = 16;
/** Blocks that begin with it are MACs: those of the permutation begin with another byte. */
const purpose = 0x4d;

const pairs = [...letters].flatMap((first) => [...letters].map((second) => first + second));
const values = new Map([...letters].map((letter, value) => [letter, value]));

export interface SeriesCodes {
  /** The codes of n from `first` on. `first + count` is at most `codesMost`. */
  readonly codes: (first: number, count: number) => CouponCode[];
  /** The n of a code of this series, whether it was issued or not; null for what is none. In constant time for forgeries. */
  readonly placeOf: (code: CouponCode) => number | null;
}

/** `series` is the number of the series, `prf` is keyed by the key of the series. */
export const seriesCodes = (series: number, prf: Prf): SeriesCodes => {
  const places = permutation(codesMost, prf);
  const prefix = lettersOf(series, seriesLetters);

  /** Of each place 35 bits: 32 and 3. */
  const macs = (permuted: Uint32Array): DataView => {
    const blocks = new DataView(new ArrayBuffer(permuted.length * blockBytes));
    for (let i = 0, at = 0; i < permuted.length; i += 1, at += blockBytes) {
      blocks.setUint8(at, purpose);
      blocks.setUint32(at + 4, series);
      blocks.setUint32(at + 8, permuted[i] as number);
    }
    const images = prf(new Uint8Array(blocks.buffer));
    return new DataView(images.buffer, images.byteOffset, images.byteLength);
  };

  return {
    codes: (first, count) => {
      if (first < 0 || count < 0 || first + count > codesMost) {
        throw new RangeError(`A series has codes 0 to ${codesMost - 1}.`);
      }
      const permuted = places.forwards(Uint32Array.from({ length: count }, (_, i) => first + i));
      const mac = macs(permuted);
      return Array.from(permuted, (place, i) => {
        const high = mac.getUint32(i * blockBytes);
        const low = mac.getUint8(i * blockBytes + 4);
        return (prefix + placeText(place) + macText(high, low)) as CouponCode;
      });
    },
    placeOf: (code) => {
      if (code.length !== codeLetters || code.slice(0, seriesLetters) !== prefix) return null;
      const place = valueOf(code.slice(seriesLetters, seriesLetters + placeLetters));
      const given = code.slice(seriesLetters + placeLetters);
      if (place === null) return null;
      const permuted = Uint32Array.of(place);
      const mac = macs(permuted);
      if (!sameText(given, macText(mac.getUint32(0), mac.getUint8(4)))) return null;
      return place < codesMost ? (places.backwards(permuted)[0] as number) : null;
    },
  };
};

/** What was typed. A word is what an operator chose for a series of many uses. */
export type Typed =
  | { readonly kind: 'derived'; readonly code: CouponCode; readonly series: number }
  | { readonly kind: 'word'; readonly code: CouponCode };

/** Null for what no coupon looks like. */
export const readTyped = (typed: string): Typed | null => {
  const code = canonical(typed);
  if (code.length !== codeLetters) {
    return isWord(code) ? { kind: 'word', code: code as CouponCode } : null;
  }
  const series = valueOf(code.slice(0, seriesLetters));
  if (series === null || !onlyLetters.test(code)) return null;
  return { kind: 'derived', code: code as CouponCode, series };
};

/** The code in its one spelling, or what was typed where it is none: two spellings of a code are the same coupon. */
export const shownCode = (typed: string): string => readTyped(typed)?.code ?? typed;

/** In four groups, as it is printed; words as they are. */
export const printed = (code: string): string =>
  code.length === codeLetters
    ? `${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8, 12)}-${code.slice(12)}`
    : code;

/** The one spelling of a code or a word, however it was typed. */
export const canonical = (typed: string): string =>
  typed
    .toUpperCase()
    .replace(/[\s_-]+/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');

/** Shorter than derived codes, so that it cannot be taken for one. */
export const isWord = (code: string): boolean => /^[0-9A-Z]{4,15}$/.test(code);

const lettersOf = (value: number, length: number): string => {
  let text = '';
  for (let shift = (length - 1) * 5; shift >= 0; shift -= 5) {
    text += letters.charAt((value >>> shift) & 31);
  }
  return text;
};

const pairAt = (bits: number): string => pairs[bits & 1023] as string;

const placeText = (place: number): string =>
  pairAt(place >>> 20) + pairAt(place >>> 10) + pairAt(place);

const macText = (high: number, low: number): string =>
  pairAt(high >>> 22) +
  pairAt(high >>> 12) +
  pairAt(high >>> 2) +
  letters.charAt(((high & 3) << 3) | (low & 7));

/** A number below 32^`length` in the same letters. */
export const codeText = (value: bigint, length: number): string => {
  let text = '';
  for (let left = value; text.length < length; left >>= 5n) {
    text = letters.charAt(Number(left & 31n)) + text;
  }
  return text;
};

/** The number back; null where one is no letter of ours. */
export const codeValue = (text: string): bigint | null => {
  let value = 0n;
  for (const letter of text) {
    const bits = values.get(letter);
    if (bits === undefined) return null;
    value = (value << 5n) | BigInt(bits);
  }
  return value;
};

/** Of at most six letters; null where one is no letter of ours. */
const valueOf = (text: string): number | null => {
  let value = 0;
  for (const letter of text) {
    const bits = values.get(letter);
    if (bits === undefined) return null;
    value = value * 32 + bits;
  }
  return value;
};

/** Takes the same time wherever the first difference is. */
const sameText = (given: string, right: string): boolean => {
  let difference = given.length ^ right.length;
  for (let i = 0; i < right.length; i += 1) {
    difference |= given.charCodeAt(i) ^ right.charCodeAt(i);
  }
  return difference === 0;
};
