/**
 * In which language an attempt speaks, as it is recorded and told: by whose wish, and which wishes its template says nothing in. What the
 * customer prefers is told to whoever runs the programme alone.
 */
import { type Static, Type } from '@sinclair/typebox';
import { type LocaleBasis, localeBases, type LocaleChoice } from '../template/locales.js';

const closed = { additionalProperties: false } as const;
const Tag = Type.String({ maxLength: 35 });

export const SpokenLanguage = Type.Object(
  {
    locale: Type.String({ maxLength: 35, description: 'Of the template' }),
    basis: Type.Union(
      localeBases.map((basis) => Type.Literal(basis)),
      { description: 'Whose word it was' },
    ),
    passedOver: Type.Optional(
      Type.Object(
        { request: Type.Optional(Tag), customer: Type.Optional(Tag) },
        { ...closed, description: 'Wishes that the template says nothing in' },
      ),
    ),
  },
  closed,
);
export type SpokenLanguage = Static<typeof SpokenLanguage>;

export const spokenLanguage = ({ locale, basis, passedOver }: LocaleChoice): SpokenLanguage =>
  passedOver.request === undefined && passedOver.customer === undefined
    ? { locale, basis }
    : { locale, basis, passedOver };

const basisWords: Readonly<Record<LocaleBasis, string>> = {
  request: 'as its request asks',
  customer: 'which the customer prefers',
  template: 'the language of its template',
  programme: 'the language of the programme',
};

/** @param named what the customer prefers is told too. */
export const languageWords = ({ locale, basis, passedOver }: SpokenLanguage, named: boolean) => {
  const missing = [
    ...(passedOver?.request === undefined ? [] : [`${passedOver.request} (asked for)`]),
    ...(passedOver?.customer === undefined || !named
      ? []
      : [`${passedOver.customer} (preferred by the customer)`]),
  ];
  const but = missing.length === 0 ? '' : `; it says nothing in ${missing.join(' or ')}`;
  return `Said in ${locale}, ${basisWords[basis]}${but}.`;
};
