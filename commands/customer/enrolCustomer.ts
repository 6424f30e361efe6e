/**
 * Takes a customer into the programme: a number, what they told of themselves (encrypted), and a first card if they have one.
 *
 * Nothing about the person is required, a card holder may stay nameless. Phone, e-mail and card number are each won on their own
 * stream first, and all are looked at before any is reserved, so that a refusal does not leave the others blocked for a while.
 */
import { Type, type Static } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { enrol } from '../../domain/account/customer.js';
import { CustomerAttributes } from '../../domain/account/profileEvents.js';
import { CardNumber, MerchantId, UserId } from '../../domain/ids.js';
import { LanguageAsked } from '../../domain/language.js';
import { Rejected } from '../../domain/rejected.js';
import { monthAndDay } from '../birthdays.js';
import { type CommandContext, defineCommand } from '../command.js';
import type { Handled, Handler } from '../handle.js';
import { assertMayRefer, referrerOf } from '../referral/invitation.js';
import type { PersonalData } from '../personalData.js';
import { presentMerchant, presentTenant } from '../registry/present.js';
import { assertValid } from '../validation.js';
import { languageTold } from './chooseLanguage.js';
import { type Known, knownOf, personInput, reservations } from './person.js';
import { assertImpersonal } from './setAttributes.js';
import { assertUserId, derivedUserId } from './userId.js';

const closed = { additionalProperties: false } as const;
const registration = {
  merchantId: Type.Optional(Type.Union([MerchantId, Type.Null()])),
  cardNumber: Type.Optional(CardNumber),
} as const;
const described = {
  attributes: Type.Optional(CustomerAttributes),
  language: Type.Optional(LanguageAsked),
} as const;
const invitation = {
  referralCode: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 40,
      description: 'Of the customer who brought this one, as it was shown or typed',
      examples: ['7QK3-MZ5T-0H8C-V2RN'],
    }),
  ),
  referredBy: Type.Optional(UserId),
} as const;

export const EnrolCustomerInput = Type.Object(
  { userId: Type.Optional(UserId), ...personInput, ...registration, ...described, ...invitation },
  { ...closed, title: 'EnrolCustomerInput' },
);
export type EnrolCustomerInput = Static<typeof EnrolCustomerInput>;

const NumberedEnrolment = Type.Object(
  {
    userId: UserId,
    numbered: Type.Boolean(),
    ...personInput,
    ...registration,
    ...described,
    /** `version` 0: the account was there before. */
    referral: Type.Optional(
      Type.Object({ referrer: UserId, version: Type.Integer({ minimum: 0 }) }, closed),
    ),
  },
  { ...closed, title: 'NumberedEnrolment' },
);

const enrolCustomerCommand = (personalData: PersonalData) =>
  defineCommand({
    name: 'EnrolCustomer',
    summary: 'Takes a customer into the programme, with or without a card, a phone and an e-mail.',
    input: NumberedEnrolment,
    aggregate: account,
    stream: (input, context) => accountStream(context.tenant, input.userId),
    fingerprinted: ({ userId, merchantId, cardNumber, attributes, language, referral }) => ({
      userId,
      merchantId,
      cardNumber,
      ...(attributes && { attributes }),
      ...(language && { language }),
      ...(referral && { referrer: referral.referrer }),
    }),
    lookUp: async (input, context, { directory }) => {
      if (input.merchantId == null) presentTenant(directory, context.tenant);
      else presentMerchant(directory, context.tenant, input.merchantId);
      assertUserId(input.userId);
      const known = await knownOf(personalData, context, input);
      const sealed = await personalData.seal(context.tenant, input.userId, known.person);
      const terms =
        input.referral && directory.referrals.version(context.tenant, input.referral.version);
      const { birthDate } = known.person;
      const birthday =
        birthDate === undefined
          ? null
          : await personalData.seal(context.tenant, input.userId, {
              birthDate: monthAndDay(birthDate),
            });
      return { ...known, person: sealed, ...(birthday && { birthday }), terms: terms ?? null };
    },
    decide: (input, state, found) => {
      const { userId, numbered, merchantId, cardNumber, attributes, language, referral } = input;
      const { terms, ...known } = found;
      const joining = { merchantId: merchantId ?? null, cardNumber: cardNumber ?? null };
      const invited = referral && { referral: { referrer: referral.referrer, terms } };
      const told = { ...(attributes && { attributes }), ...(language && { language }) };
      return enrol({ userId, numbered, ...joining, ...known, ...told, ...invited }, state);
    },
    reserve: ({ userId, cardNumber }, context, found) =>
      reservations({ userId, ...(cardNumber && { cardNumber }) }, context, found),
    answer: ({ input }) => ({
      userId: input.userId,
      cardNumber: input.cardNumber ?? null,
      merchantId: input.merchantId ?? null,
      ...(input.referral && { referredBy: input.referral.referrer }),
    }),
  });

export interface Enrolled {
  readonly userId: UserId;
  readonly cardNumber: CardNumber | null;
  readonly merchantId: MerchantId | null;
  /** Only where somebody brought them. */
  readonly referredBy?: UserId;
}
export type EnrolCustomer = (
  input: EnrolCustomerInput,
  context: CommandContext,
) => Promise<Handled<Enrolled>>;

const numbersTried = 5;

/**
 * A customer who brings no number gets one; a number that is brought (by an import) must have the right check digit.
 * The promise is refused with Rejected invalid-contact, invalid-user-id, contact-taken, card-taken, already-registered and those
 * of the tenant and the merchant; of who is brought by another referrals-not-open, referral-code-unknown and referral-refused.
 */
export const createEnrolCustomer = (
  handler: Handler,
  personalData: PersonalData,
): EnrolCustomer => {
  const command = enrolCustomerCommand(personalData);

  /** Undefined where nobody is named; an account that is there is left to the decision. */
  const referralOf = async (
    input: EnrolCustomerInput & { readonly userId: UserId },
    known: Known,
    { tenant }: CommandContext,
  ) => {
    const referrer = await referrerOf(handler, tenant, input);
    if (referrer === null) return undefined;
    const { status } = await handler.state(accountStream(tenant, input.userId), account);
    if (status !== 'unknown') return { referrer, version: 0 };
    const newcomer = { ...input, ...known };
    const { version } = await assertMayRefer(handler, tenant, referrer, newcomer, input);
    return { referrer, version };
  };

  const enrolAs = async (
    input: EnrolCustomerInput & { readonly userId: UserId },
    numbered: boolean,
    context: CommandContext,
  ) => {
    const known = await knownOf(personalData, context, input);
    const { referralCode: _code, referredBy: _by, ...rest } = input;
    const referral = await referralOf(input, known, context);
    for (const { stream, aggregate, decide } of reservations(input, context, known)) {
      decide(await handler.state(stream, aggregate)); // throws where it is somebody else's
    }
    return handler.handle(command, { ...rest, numbered, ...(referral && { referral }) }, context);
  };

  return async (input, context) => {
    assertValid(EnrolCustomerInput, input);
    assertImpersonal(input.attributes ?? {});
    const language = input.language === undefined ? {} : { language: languageTold(input.language) };
    const told = { ...input, ...language };
    if (input.userId !== undefined) {
      return enrolAs({ ...told, userId: input.userId }, false, context);
    }
    const { gsrnPrefix } = presentTenant(handler.directory, context.tenant);
    for (let attempt = 0; ; attempt += 1) {
      const userId = derivedUserId(gsrnPrefix, context, attempt);
      try {
        return await enrolAs({ ...told, userId }, true, context);
      } catch (error) {
        const met = error instanceof Rejected && error.code === 'already-registered';
        if (!met || attempt + 1 >= numbersTried) throw error;
      }
    }
  };
};
