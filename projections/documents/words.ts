/**
 * Text as searches see it: words in lower case without accents, and what a search asks of them. No stems and no stop words, which
 * differ by language and would make a search for a name or a code miss.
 */

const wordPattern = /[\p{L}\p{N}]+/gu;
const lengthMax = 40;

const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Each different word once, at most `most` of them; of a longer word its beginning. */
export const wordsOf = (texts: Iterable<string>, most: number): string[] => {
  const found = new Set<string>();
  for (const text of texts) {
    for (const [word] of plain(text).matchAll(wordPattern)) {
      found.add(word.slice(0, lengthMax));
      if (found.size >= most) return [...found];
    }
  }
  return [...found];
};

export interface WordQuery {
  /** Each of them. */
  readonly all: readonly string[];
  /** For each a word that begins so. */
  readonly beginnings: readonly string[];
  readonly none: readonly string[];
}

/** `red car* -used`: every word, a word that begins so, and none of those with a dash before them. */
export const wordQueryOf = (search: string): WordQuery => {
  const all: string[] = [];
  const beginnings: string[] = [];
  const none: string[] = [];
  for (const part of search.split(/\s+/)) {
    const words = wordsOf([part], Infinity);
    if (part.startsWith('-')) none.push(...words);
    else if (part.endsWith('*')) {
      all.push(...words.slice(0, -1));
      beginnings.push(...words.slice(-1));
    } else all.push(...words);
  }
  return { all, beginnings, none };
};

/** As conditions on the field that holds the words. */
export const wordFilter = (field: string, query: WordQuery): Record<string, unknown>[] => [
  ...query.all.map((word) => ({ [field]: word })),
  // Words are letters and digits: nothing in them means anything in a pattern.
  ...query.beginnings.map((beginning) => ({ [field]: { $regex: `^${beginning}` } })),
  ...(query.none.length > 0 ? [{ [field]: { $nin: query.none } }] : []),
];
