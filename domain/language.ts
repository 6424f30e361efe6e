/**
 * The language that somebody would rather be spoken to in: a tag of BCP 47, in one spelling, so that the same wish is the same text however
 * it was typed. It lies open in the log, so it holds what languages are told apart by and nothing of anybody's own: extensions and private
 * use (`de-x-ann`) are no part of it.
 */
import { Type } from '@sinclair/typebox';

export const languageLengthMax = 35;

/** As Intl writes it: `de-AT`, `zh-Hant-TW`, `ca-valencia`. */
export const LanguageTag = Type.String({
  pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$',
  maxLength: languageLengthMax,
  description: 'BCP 47',
  examples: ['de-AT'],
});

/** However it is typed; `canonicalLanguage` judges it. */
export const LanguageAsked = Type.String({
  minLength: 2,
  maxLength: languageLengthMax,
  description: 'BCP 47: a language, with its script and region where they matter',
  examples: ['de-AT'],
});

const tag = new RegExp(LanguageTag.pattern ?? '');

/** `DE-at` → `de-AT`, `iw` → `he`. Null: no tag of a language, or one that says more than which language. */
export const canonicalLanguage = (asked: string): string | null => {
  let found: string | null;
  try {
    found = Intl.getCanonicalLocales(asked)[0] ?? null;
  } catch {
    return null;
  }
  if (found === null || found.length > languageLengthMax || !tag.test(found)) return null;
  return /^und\b/.test(found) ? null : found;
};

/** Whether `language` is `wanted` or a kind of it: `de-AT` is `de`, and not the other way about. */
export const isLanguageOf = (language: string, wanted: string): boolean =>
  `${language}-`.toLowerCase().startsWith(`${wanted}-`.toLowerCase());

/** As they are compared with what customers chose. */
export const comparableLanguages = (languages: readonly string[]): string[] =>
  languages.map((one) => (canonicalLanguage(one) ?? one).toLowerCase());
