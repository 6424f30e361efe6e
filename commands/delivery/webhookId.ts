/**
 * Names that every process arrives at again: a delivery's id, which stays the same on every repeat and replay, and the lane of what has
 * the same key, which tells nobody what the key is.
 */
import { hash } from 'node:crypto';
import { commandIdOf } from '../commandId.js';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const pairs = [...digits].flatMap((first) => [...digits].map((second) => first + second));
const pairsOfId = 11;
const wordHex = 8;
const wordBase = 2 ** (4 * wordHex);

/** Of 128 bits, 22 digits; long division by words, two digits at a time, since BigInt takes ten times as long. */
const base62 = (hex: string): string => {
  const words = [0, 1, 2, 3].map((word) =>
    Number.parseInt(hex.slice(word * wordHex, (word + 1) * wordHex), 16),
  );
  let text = '';
  for (let pair = 0; pair < pairsOfId; pair += 1) {
    let rest = 0;
    for (let word = 0; word < words.length; word += 1) {
      const value = rest * wordBase + (words[word] as number);
      const quotient = Math.floor(value / pairs.length);
      words[word] = quotient;
      rest = value - quotient * pairs.length;
    }
    text = (pairs[rest] as string) + text;
  }
  return text;
};

/** @param stream of the subscription's deliveries. @param places of a batch several, in order. */
export const webhookIdOf = (stream: string, places: readonly number[]): string =>
  `msg_${base62(commandIdOf('Delivery', stream, places.join(',')).replaceAll('-', ''))}`;

/** @param key of publications that are to be delivered in order. */
export const laneOf = (stream: string, key: string): string =>
  hash('sha1', `${stream}\n${key}`, 'hex').slice(0, 16);
