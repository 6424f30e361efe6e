/**
 * Names that every process arrives at again: a delivery's id, which stays the same on every repeat and replay, and the lane of what has
 * the same key, which tells nobody what the key is.
 */
import { hash } from 'node:crypto';
import { commandIdOf } from '../commandId.js';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const length = 22;

const base62 = (hex: string): string => {
  let rest = BigInt(`0x${hex}`);
  let text = '';
  while (text.length < length) {
    text = (digits[Number(rest % 62n)] ?? '') + text;
    rest /= 62n;
  }
  return text;
};

/** @param stream of the subscription's deliveries. @param places of a batch several, in order. */
export const webhookIdOf = (stream: string, places: readonly number[]): string =>
  `msg_${base62(commandIdOf('Delivery', stream, places.join(',')).replaceAll('-', ''))}`;

/** @param key of publications that are to be delivered in order. */
export const laneOf = (stream: string, key: string): string =>
  hash('sha1', `${stream}\n${key}`, 'hex').slice(0, 16);
