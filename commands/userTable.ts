/**
 * A number for each of a million customers, in 20 bytes a place: open addressing over typed arrays, which the collector of garbage
 * never walks. A Map of strings takes four times as much and makes each of its pauses longer.
 *
 * An id of 25 digits is kept as two numbers of 13 and 12 digits. 0 means nothing; who has it gives up their place at the next growth.
 */
import type { UserId } from '../domain/ids.js';

export interface UserTable {
  /** 0 for who is not there. */
  get(userId: UserId): number;
  set(userId: UserId, value: number): void;
  readonly bytes: () => number;
}

interface Places {
  /** First 13 digits; -1 where the place is free. */
  readonly high: Float64Array;
  /** Last 12 digits. */
  readonly low: Float64Array;
  readonly value: Uint32Array;
}

const firstCapacity = 1_024;
/** Beyond this share of taken places, ways get long. */
const fullest = 0.7;

const placesOf = (capacity: number): Places => ({
  high: new Float64Array(capacity).fill(-1),
  low: new Float64Array(capacity),
  value: new Uint32Array(capacity),
});

const number = (digits: string, from: number, to: number): number => {
  let value = 0;
  for (let i = from; i < to; i += 1) value = value * 10 + digits.charCodeAt(i) - 48;
  return value;
};

const word = 2 ** 32;

/** The place of a customer, or the free one that is theirs to take. */
const find = ({ high, low }: Places, first: number, last: number): number => {
  const mask = high.length - 1;
  let hash = Math.imul(last % word, 0x9e3779b1) ^ Math.imul(last / word + first, 0x85ebca6b);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  let place = (hash ^ (hash >>> 13)) & mask;
  while (high[place] !== -1 && (high[place] !== first || low[place] !== last)) {
    place = (place + 1) & mask;
  }
  return place;
};

export const createUserTable = (): UserTable => {
  let places = placesOf(firstCapacity);
  let taken = 0;

  const take = (place: number, first: number, last: number): void => {
    places.high[place] = first;
    places.low[place] = last;
    taken += 1;
  };

  const grow = (): void => {
    const old = places;
    let living = 0;
    for (const value of old.value) if (value !== 0) living += 1;
    // As large as the living need it: those who left may have been many.
    let capacity = firstCapacity;
    while (living > capacity * fullest * 0.6) capacity *= 2;
    places = placesOf(capacity);
    taken = 0;
    for (let i = 0; i < old.value.length; i += 1) {
      const value = old.value[i] ?? 0;
      if (value === 0) continue;
      const [first = 0, last = 0] = [old.high[i], old.low[i]];
      const place = find(places, first, last);
      take(place, first, last);
      places.value[place] = value;
    }
  };

  return {
    get: (userId) => places.value[find(places, number(userId, 0, 13), number(userId, 13, 25))] ?? 0,
    set: (userId, value) => {
      const first = number(userId, 0, 13);
      const last = number(userId, 13, 25);
      let place = find(places, first, last);
      if (places.high[place] === -1) {
        if (value === 0) return;
        if (taken + 1 > places.high.length * fullest) {
          grow();
          place = find(places, first, last);
        }
        take(place, first, last);
      }
      places.value[place] = value;
    },
    bytes: () => places.high.length * 20,
  };
};
