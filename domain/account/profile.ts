/**
 * What conditions of campaigns may ask of a customer and the account knows: attributes, the language, and the birthday as it was sealed. An
 * account of which nothing is known shares one empty profile with all the others.
 */
import type { EventOf } from '../event.js';
import type { Attributes, AttributeValue } from '../pricing/basketLines.js';
import type { CustomerAttributesSet } from './profileEvents.js';

export interface Profile {
  /** Encrypted; null where it is not known. */
  readonly birthday: string | null;
  readonly attributes: Attributes;
  /** BCP 47; null where none was chosen. */
  readonly language: string | null;
}

export const noProfile: Profile = { birthday: null, attributes: {}, language: null };

export const withAttributes = (
  profile: Profile,
  { set, removed }: EventOf<typeof CustomerAttributesSet>['data'],
): Profile => {
  const attributes: Record<string, AttributeValue> = { ...profile.attributes, ...set };
  for (const name of removed) delete attributes[name];
  return { birthday: profile.birthday, attributes, language: profile.language };
};

export const withBirthday = (
  { attributes, language }: Profile,
  birthday: string | null,
): Profile => ({ birthday, attributes, language });

export const withLanguage = (
  { birthday, attributes }: Profile,
  language: string | null,
): Profile => ({ birthday, attributes, language });

/** Who enrolled has left; attributes are the account's. */
export const withoutPerson = (profile: Profile): Profile =>
  profile.birthday === null && profile.language === null
    ? profile
    : { birthday: null, attributes: profile.attributes, language: null };
