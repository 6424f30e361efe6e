/** An inverted index: which documents hold a word, and how often. */
import type { Document } from 'bson';
import type { IndexSpec } from './indexSpec.js';
import { elementsAt, isRecord } from './paths.js';
import type { StoredDocument } from './storedDocument.js';
import { type TextQuery, wordsOf } from './words.js';

const depthMax = 20;

/** Every text in it, however deep. */
const textsIn = (value: unknown, depth = 0): string[] => {
  if (typeof value === 'string') return [value];
  if (depth > depthMax) return [];
  if (Array.isArray(value)) return value.flatMap((element) => textsIn(element, depth + 1));
  if (isRecord(value)) return Object.values(value).flatMap((inner) => textsIn(inner, depth + 1));
  return [];
};

const includesRun = (words: readonly string[], run: readonly string[]): boolean =>
  words.some((_, at) => run.every((word, i) => words[at + i] === word));

export class TextIndex {
  private readonly holders = new Map<string, Map<StoredDocument, number>>();

  constructor(
    readonly spec: IndexSpec,
    private readonly covers: (document: Document) => boolean,
  ) {}

  /** Of each text by itself, so that no phrase spans two. */
  private textsOf(document: Document): string[][] {
    if (!this.covers(document)) return [];
    const texts = this.spec.fields.flatMap(({ path }) =>
      path === ''
        ? textsIn(document)
        : elementsAt(document, path).filter((value) => typeof value === 'string'),
    );
    return texts.map(wordsOf);
  }

  add(stored: StoredDocument): void {
    for (const word of this.textsOf(stored.document).flat()) {
      let holders = this.holders.get(word);
      if (!holders) this.holders.set(word, (holders = new Map()));
      holders.set(stored, (holders.get(stored) ?? 0) + 1);
    }
  }

  remove(stored: StoredDocument): void {
    for (const word of new Set(this.textsOf(stored.document).flat())) {
      const holders = this.holders.get(word);
      holders?.delete(stored);
      if (holders?.size === 0) this.holders.delete(word);
    }
  }

  private holdsPhrases({ document }: StoredDocument, { phrases }: TextQuery): boolean {
    if (phrases.length === 0) return true;
    const texts = this.textsOf(document);
    return phrases.every((phrase) => texts.some((words) => includesRun(words, phrase)));
  }

  /** With their scores: the more of the words, and the rarer they are, the higher. */
  find(query: TextQuery): Map<StoredDocument, number> {
    const wanted = query.phrases.length > 0 ? query.phrases.flat() : query.any;
    const scores = new Map<StoredDocument, number>();
    for (const word of new Set([...wanted, ...query.any])) {
      const holders = this.holders.get(word);
      if (!holders) continue;
      const rarity = 1 / Math.log2(2 + holders.size);
      for (const [stored, times] of holders) {
        scores.set(stored, (scores.get(stored) ?? 0) + (1 + Math.log2(times)) * rarity);
      }
    }
    for (const stored of scores.keys()) {
      const excluded = query.none.some((word) => this.holders.get(word)?.has(stored));
      if (excluded || !this.holdsPhrases(stored, query)) scores.delete(stored);
    }
    return scores;
  }
}
