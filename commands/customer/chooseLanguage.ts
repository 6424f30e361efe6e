/**
 * Takes in which language a customer wants to be written to, or that none is preferred any more. It is brought into one spelling before it
 * is decided on, so that the same wish in other letters records nothing.
 */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { chooseLanguage as decide } from '../../domain/account/language.js';
import { UserId } from '../../domain/ids.js';
import { canonicalLanguage, LanguageAsked } from '../../domain/language.js';
import { defineCommand } from '../command.js';
import { InvalidInput } from '../validation.js';

/** @throws InvalidInput for what is no tag of a language, or more than one. */
export const languageTold = (asked: string): string => {
  const language = canonicalLanguage(asked);
  if (language !== null) return language;
  const reason =
    'must be a language of BCP 47, with script and region where they matter: de, de-AT, zh-Hant';
  throw new InvalidInput([{ pointer: '/language', reason }]);
};

export const chooseLanguage = defineCommand({
  name: 'ChooseLanguage',
  summary: 'Takes the language in which a customer wants to be written to.',
  input: Type.Object(
    { userId: UserId, language: Type.Union([LanguageAsked, Type.Null()]) },
    { additionalProperties: false, title: 'ChooseLanguage' },
  ),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: ({ language }) => (language === null ? null : languageTold(language)),
  decide: (_input, state, language) => decide({ language }, state),
  answer: ({ input: { userId, language } }) => ({
    userId,
    language: language === null ? null : languageTold(language),
  }),
});
