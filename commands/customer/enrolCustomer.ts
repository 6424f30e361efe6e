/**
 * Takes a customer into the programme: a number, what they told of themselves (encrypted), and a first card if they have one.
 *
 * Nothing about the person is required, a card holder may stay nameless. Phone, e-mail and card number are each won on their own
 * stream first, and all are looked at before any is reserved, so that a refusal does not leave the others blocked for a while.
 */
import { Type, type Static } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { enrol } from '../../domain/account/customer.js';
import { CardNumber, MerchantId, UserId } from '../../domain/ids.js';
import { Rejected } from '../../domain/rejected.js';
import { type CommandContext, defineCommand, type Step } from '../command.js';
import { normalEmail, normalPhone } from '../contacts.js';
import type { Handled, Handler } from '../handle.js';
import type { Person, PersonalData } from '../personalData.js';
import { presentMerchant, presentTenant } from '../registry/present.js';
import { assertValid } from '../validation.js';
import { cardReservation, contactReservation } from './reservation.js';
import { assertUserId, derivedUserId } from './userId.js';

const closed = { additionalProperties: false } as const;
const person = {
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  phone: Type.Optional(
    Type.String({ minLength: 4, maxLength: 40, examples: ['+44 20 7946 0018'] }),
  ),
  email: Type.Optional(Type.String({ minLength: 3, maxLength: 254 })),
  birthDate: Type.Optional(Type.String({ format: 'date', examples: ['1980-12-31'] })),
  /** ISO 3166, two letters: whose numbers need no +. */
  country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', examples: ['GB'] })),
} as const;
const registration = {
  merchantId: Type.Optional(Type.Union([MerchantId, Type.Null()])),
  cardNumber: Type.Optional(CardNumber),
} as const;

export const EnrolCustomerInput = Type.Object(
  { userId: Type.Optional(UserId), ...person, ...registration },
  { ...closed, title: 'EnrolCustomerInput' },
);
export type EnrolCustomerInput = Static<typeof EnrolCustomerInput>;

const NumberedEnrolment = Type.Object(
  { userId: UserId, numbered: Type.Boolean(), ...person, ...registration },
  { ...closed, title: 'NumberedEnrolment' },
);

interface Known {
  readonly person: Person;
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
}

type Persons = Pick<EnrolCustomerInput, keyof typeof person>;

/** What was told, in its normal spelling, and the hashes it is found by. @throws Rejected invalid-contact */
const knownOf = async (
  personalData: PersonalData,
  { tenant }: CommandContext,
  { name, phone, email, birthDate, country }: Persons,
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

const reservations = (
  { userId, cardNumber }: { readonly userId: UserId; readonly cardNumber?: CardNumber },
  context: CommandContext,
  { phoneHash, emailHash }: Omit<Known, 'person'>,
): Step[] => [
  ...(phoneHash === null ? [] : [contactReservation('phone', phoneHash, userId, context)]),
  ...(emailHash === null ? [] : [contactReservation('email', emailHash, userId, context)]),
  ...(cardNumber === undefined ? [] : [cardReservation(cardNumber, userId, context)]),
];

const enrolCustomerCommand = (personalData: PersonalData) =>
  defineCommand({
    name: 'EnrolCustomer',
    summary: 'Takes a customer into the programme, with or without a card, a phone and an e-mail.',
    input: NumberedEnrolment,
    aggregate: account,
    stream: (input, context) => accountStream(context.tenant, input.userId),
    fingerprinted: ({ userId, merchantId, cardNumber }) => ({ userId, merchantId, cardNumber }),
    lookUp: async (input, context, { directory }) => {
      if (input.merchantId == null) presentTenant(directory, context.tenant);
      else presentMerchant(directory, context.tenant, input.merchantId);
      assertUserId(input.userId);
      const known = await knownOf(personalData, context, input);
      const sealed = await personalData.seal(context.tenant, input.userId, known.person);
      return { ...known, person: sealed };
    },
    decide: ({ userId, numbered, merchantId, cardNumber }, state, found) => {
      const joining = { merchantId: merchantId ?? null, cardNumber: cardNumber ?? null };
      return enrol({ userId, numbered, ...joining, ...found }, state);
    },
    reserve: reservations,
    answer: ({ input }) => ({
      userId: input.userId,
      cardNumber: input.cardNumber ?? null,
      merchantId: input.merchantId ?? null,
    }),
  });

export interface Enrolled {
  readonly userId: UserId;
  readonly cardNumber: CardNumber | null;
  readonly merchantId: MerchantId | null;
}
export type EnrolCustomer = (
  input: EnrolCustomerInput,
  context: CommandContext,
) => Promise<Handled<Enrolled>>;

const numbersTried = 5;

/**
 * A customer who brings no number gets one; a number that is brought (by an import) must have the right check digit.
 * The promise is refused with Rejected invalid-contact, invalid-user-id, contact-taken, card-taken, already-registered and those
 * of the tenant and the merchant.
 */
export const createEnrolCustomer = (
  handler: Handler,
  personalData: PersonalData,
): EnrolCustomer => {
  const command = enrolCustomerCommand(personalData);

  const enrolAs = async (
    input: EnrolCustomerInput & { readonly userId: UserId },
    numbered: boolean,
    context: CommandContext,
  ) => {
    const known = await knownOf(personalData, context, input);
    for (const { stream, aggregate, decide } of reservations(input, context, known)) {
      decide(await handler.state(stream, aggregate)); // throws where it is somebody else's
    }
    return handler.handle(command, { ...input, numbered }, context);
  };

  return async (input, context) => {
    assertValid(EnrolCustomerInput, input);
    if (input.userId !== undefined) {
      return enrolAs({ ...input, userId: input.userId }, false, context);
    }
    const { gsrnPrefix } = presentTenant(handler.directory, context.tenant);
    for (let attempt = 0; ; attempt += 1) {
      const userId = derivedUserId(gsrnPrefix, context, attempt);
      try {
        return await enrolAs({ ...input, userId }, true, context);
      } catch (error) {
        const met = error instanceof Rejected && error.code === 'already-registered';
        if (!met || attempt + 1 >= numbersTried) throw error;
      }
    }
  };
};
