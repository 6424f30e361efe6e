import { comparableLanguages, isLanguageOf, LanguageTag } from '../../language.js';
import { list } from '../arguments.js';
import { receiptCondition } from '../condition.js';

export const language = receiptCondition(
  'language',
  'The customer chose one of these languages, or a kind of one: de is also de-AT. Never of somebody who chose none.',
  { languages: list(LanguageTag, 'BCP 47') },
  {
    compile: ({ languages }) => {
      const wanted = comparableLanguages(languages);
      return ({ customer }) => {
        const chosen = customer?.language;
        return chosen != null && wanted.some((one) => isLanguageOf(chosen, one));
      };
    },
  },
);
