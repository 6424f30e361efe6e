import { comparableLanguages, isLanguageOf, LanguageTag } from '../../language.js';
import { list } from '../../pricing/arguments.js';
import { accountCondition } from '../condition.js';

export const language = accountCondition(
  'language',
  'The customer chose one of these languages, or a kind of one: de is also de-AT. Never of somebody who chose none.',
  { languages: list(LanguageTag, 'BCP 47') },
  {
    holds: ({ languages }, { language: chosen }) =>
      chosen !== null && comparableLanguages(languages).some((one) => isLanguageOf(chosen, one)),
  },
);
