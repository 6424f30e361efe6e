/**
 * What the programme knows of a customer besides their account. A birthday and a name are personal: encrypted under the customer's own
 * key. Attributes are not (a favourite shop, an age band), nor is the language they chose: both lie open in the log.
 *
 * These names are the storage format: proof-read, version with care.
 */
import { Type } from '@sinclair/typebox';
import { event } from '../event.js';
import { MemberId } from '../ids.js';
import { LanguageTag } from '../language.js';

export const attributesMax = 30;
const Name = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,59}$' });
const Value = Type.Union([Type.String({ maxLength: 100 }), Type.Number(), Type.Boolean()]);

export const CustomerAttributes = Type.Record(Name, Value, {
  maxProperties: attributesMax,
  additionalProperties: false,
});

/** AES-256-GCM under the customer's own key, base64url; of the month and the day alone. */
export const SealedBirthday = Type.String({ maxLength: 200 });

export const CustomerAttributesSet = event('CustomerAttributesSet', {
  set: CustomerAttributes,
  removed: Type.Array(Name, { maxItems: attributesMax }),
});

/** Of who enrolled. Null: none is preferred any more. */
export const LanguageChosen = event('LanguageChosen', {
  language: Type.Union([LanguageTag, Type.Null()]),
});

/** All that is known of a person from now on. Contacts that are not named any more are given up. */
export const PersonChanged = event('PersonChanged', {
  /** Left out: who enrolled. */
  memberId: Type.Optional(MemberId),
  /** Encrypted like that of the enrolment, under the person's own key. */
  person: Type.String({ maxLength: 8_000 }),
  phoneHash: Type.Union([Type.String(), Type.Null()]),
  emailHash: Type.Union([Type.String(), Type.Null()]),
  birthday: Type.Optional(SealedBirthday),
});

export const profileEvents = [CustomerAttributesSet, LanguageChosen, PersonChanged] as const;
