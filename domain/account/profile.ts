/**
 * What conditions of campaigns may ask of a customer and the account knows: attributes, and the birthday as it was sealed. An account of
 * which nothing is known shares one empty profile with all the others.
 */
import type { EventOf } from '../event.js';
import type { Attributes, AttributeValue } from '../pricing/basketLines.js';
import type { CustomerAttributesSet } from './profileEvents.js';

export interface Profile {
  /** Encrypted; null where it is not known. */
  readonly birthday: string | null;
  readonly attributes: Attributes;
}

export const noProfile: Profile = { birthday: null, attributes: {} };

export const withAttributes = (
  profile: Profile,
  { set, removed }: EventOf<typeof CustomerAttributesSet>['data'],
): Profile => {
  const attributes: Record<string, AttributeValue> = { ...profile.attributes, ...set };
  for (const name of removed) delete attributes[name];
  return { ...profile, attributes };
};
