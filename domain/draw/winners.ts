/**
 * Who wins a prize draw: a function of the seed, the entries and nothing else, so that anyone can check it (docs/guides/draws.md).
 *
 * The hash of the entries is part of every message that is hashed under the seed: whoever changes one entry changes all numbers.
 * A participant wins once: with a prize, all of their entries leave the draw.
 */
import { type KeyedHash, uniformBelow } from './uniform.js';

export interface Entry {
  /** A pseudonym of the customer in this draw. */
  readonly participant: string;
  readonly entries: number;
}

export interface PrizeOffered {
  readonly prize: string;
  /** How many of it. */
  readonly count: number;
}

export interface Winner {
  readonly prize: string;
  /** The entry that was drawn: its place in the list, from 0. */
  readonly entry: number;
  readonly participant: string;
}

/** What the hash of the entries is taken over: a line for each, in the order in which they came in. */
export const entryLine = ({ participant, entries }: Entry): string => `${participant} ${entries}\n`;

/** `beacon`: a public value that nobody knew when the draw closed, empty where none was announced. */
export const chooseWinners = (
  entries: readonly Entry[],
  prizes: readonly PrizeOffered[],
  facts: { readonly entriesHash: string; readonly beacon: string },
  hash: KeyedHash,
): Winner[] => {
  const message = `${facts.entriesHash}:${facts.beacon}`;
  const counts = Uint32Array.from(entries, (entry) => entry.entries);
  const places = placesOf(entries);
  const winners: Winner[] = [];
  let total = counts.reduce((sum, count) => sum + count, 0);
  let asked = 0;
  for (const { prize, count } of prizes) {
    for (let index = 0; index < count && total > 0; index += 1) {
      const { number, tries } = uniformBelow(total, hash, message, asked);
      asked += tries;
      const entry = placeOf(counts, number);
      const { participant } = entries[entry] as Entry;
      for (const place of places.get(participant) ?? []) {
        total -= counts[place] as number;
        counts[place] = 0;
      }
      winners.push({ prize, entry, participant });
    }
  }
  return winners;
};

/** By participant, where their entries are. */
const placesOf = (entries: readonly Entry[]): ReadonlyMap<string, number[]> => {
  const places = new Map<string, number[]>();
  entries.forEach(({ participant }, place) => {
    const known = places.get(participant);
    if (known) known.push(place);
    else places.set(participant, [place]);
  });
  return places;
};

/** The first place at which the entries, added up, exceed `number`. */
const placeOf = (counts: Uint32Array, number: number): number => {
  let left = number;
  for (let place = 0; place < counts.length; place += 1) {
    left -= counts[place] as number;
    if (left < 0) return place;
  }
  throw new Error('a number was drawn beyond the last entry');
};
