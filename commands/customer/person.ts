/**
 * What a person may tell of themselves, whether they enrol or join a household: nothing of it is required. Phone and e-mail are
 * brought into one spelling and found by their hashes alone.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { CardNumber, MemberId, UserId } from '../../domain/ids.js';
import type { CommandContext, Step } from '../command.js';
import { normalEmail, normalPhone } from '../contacts.js';
import type { Person, PersonalData } from '../personalData.js';
import { cardReservation, contactReservation } from './reservation.js';

export const personInput = {
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  phone: Type.Optional(
    Type.String({ minLength: 4, maxLength: 40, examples: ['+44 20 7946 0018'] }),
  ),
  email: Type.Optional(Type.String({ minLength: 3, maxLength: 254 })),
  birthDate: Type.Optional(Type.String({ format: 'date', examples: ['1980-12-31'] })),
  /** ISO 3166, two letters: whose numbers need no +. */
  country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', examples: ['GB'] })),
} as const;

type PersonInput = {
  readonly [Name in keyof typeof personInput]?: Static<(typeof personInput)[Name]>;
};

export interface Known {
  readonly person: Person;
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
}

/** What was told, in its normal spelling, and the hashes it is found by. @throws Rejected invalid-contact */
export const knownOf = async (
  personalData: PersonalData,
  { tenant }: CommandContext,
  { name, phone, email, birthDate, country }: PersonInput,
): Promise<Known> => {
  const known: Person = {
    ...(name === undefined ? {} : { name }),
    ...(phone === undefined ? {} : { phone: normalPhone(phone, country) }),
    ...(email === undefined ? {} : { email: normalEmail(email) }),
    ...(birthDate === undefined ? {} : { birthDate }),
  };
  return {
    person: known,
    phoneHash: known.phone ? await personalData.hash(tenant, 'phone', known.phone) : null,
    emailHash: known.email ? await personalData.hash(tenant, 'email', known.email) : null,
  };
};

interface Joining {
  readonly userId: UserId;
  /** Left out: who enrols. */
  readonly memberId?: MemberId;
  readonly cardNumber?: CardNumber;
}

/** All that has to be won before the account records somebody. */
export const reservations = (
  { cardNumber, ...owner }: Joining,
  context: CommandContext,
  { phoneHash, emailHash }: Omit<Known, 'person'>,
): Step[] => [
  ...(phoneHash === null ? [] : [contactReservation('phone', phoneHash, owner, context)]),
  ...(emailHash === null ? [] : [contactReservation('email', emailHash, owner, context)]),
  ...(cardNumber === undefined ? [] : [cardReservation(cardNumber, owner.userId, context)]),
];
