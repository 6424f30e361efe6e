/**
 * Text as `$text` sees it: words in lower case without accents. No stemming and no stop words, which differ by language and make
 * a search for a name or a code miss; so a query finds whole words.
 */

const wordPattern = /[\p{L}\p{N}]+/gu;

export const wordsOf = (text: string): string[] =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().match(wordPattern) ?? [];

export interface TextQuery {
  /** At least one of them. */
  readonly any: readonly string[];
  /** Each of them, as a run of words. */
  readonly phrases: readonly (readonly string[])[];
  readonly none: readonly string[];
}

/** `word other "a phrase" -without`. */
export const textQueryOf = (search: string): TextQuery => {
  const phrases: string[][] = [];
  const rest = search.replace(/"([^"]*)"/g, (_, phrase: string) => {
    const words = wordsOf(phrase);
    if (words.length > 0) phrases.push(words);
    return ' ';
  });
  const parts = rest.split(/\s+/).filter((part) => part !== '');
  const isExcluded = (part: string) => part.startsWith('-') && part.length > 1;
  return {
    any: [...new Set(parts.filter((part) => !isExcluded(part)).flatMap(wordsOf))],
    phrases,
    none: parts.filter(isExcluded).flatMap(wordsOf),
  };
};
