/**
 * Names that every process arrives at again: a delivery's id, which stays the same on every repeat and replay, and the lane of what has
 * the same key, which tells nobody what the key is.
 */
import { hash } from 'node:crypto';
import { commandIdWords } from '../commandId.js';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const pairs = [...digits].flatMap((first) => [...digits].map((second) => first + second));
const pairsOfId = 11;
const wordBase = 2 ** 32;

/** Of 128 bits, 22 digits; long division by words, two digits at a time, since BigInt takes ten times as long. */
const base62 = (words: [number, number, number, number]): string => {
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
  `msg_${base62(commandIdWords('Delivery', stream, places.join(',')))}`;

/** @param key of publications that are to be delivered in order. */
export const laneOf = (stream: string, key: string): string =>
  hash('sha1', `${stream}\n${key}`, 'hex').slice(0, 16);
