/**
 * Words of an own text as keyed hashes, so that a message is found by what it says without being read, by whoever may ask in its
 * programme. They are split as searches split theirs: lower case, without accents, of a long word its beginning.
 */
import { hash } from 'node:crypto';

const wordPattern = /[\p{L}\p{N}]+/gu;
const lengthMax = 40;
const wordsMax = 60;
const hexDigits = 16;

/** Each different word once, as searches spell it. */
const wordsIn = (text: string, most: number): ReadonlySet<string> => {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const found = new Set<string>();
  for (const [word] of plain.matchAll(wordPattern)) {
    found.add(word.slice(0, lengthMax));
    if (found.size >= most) break;
  }
  return found;
};

/**
 * 16 hex digits each, in the order of the text, at most 60. A hash that is cut to a quarter cannot be gone on with, so the key stands
 * before the word and one shot does, which is a third of what an HMAC costs.
 * @param indexKey the tenant's.
 */
export const wordHashes = (indexKey: Buffer, text: string): string[] => {
  const key = indexKey.toString('hex');
  return [...wordsIn(text, wordsMax)].map((word) =>
    hash('sha256', `${key}\nword of a message\n${word}`, 'hex').slice(0, hexDigits),
  );
};
