/**
 * Takes another person onto an account: what they told of themselves, encrypted under a key of their own, and a card if they bring
 * one. As with an enrolment, everything unique is looked at before any of it is reserved.
 */
import { Type, type Static } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { assertOpen } from '../../domain/account/customer.js';
import { addMember as decide, joinedBefore } from '../../domain/account/members.js';
import type { Account } from '../../domain/account/state.js';
import { householdOf, nextMemberId } from '../../domain/household/household.js';
import { CardNumber, type MemberId, MerchantId, UserId } from '../../domain/ids.js';
import { type CommandContext, defineCommand } from '../command.js';
import { type Known, knownOf, personInput, reservations } from '../customer/person.js';
import type { Handled, Handler } from '../handle.js';
import { type PersonalData, personSubject } from '../personalData.js';
import { presentMerchant, presentTenant } from '../registry/present.js';
import { assertValid } from '../validation.js';

export const AddMemberInput = Type.Object(
  {
    userId: UserId,
    ...personInput,
    merchantId: Type.Optional(Type.Union([MerchantId, Type.Null()])),
    cardNumber: Type.Optional(CardNumber),
  },
  { additionalProperties: false, title: 'AddMember' },
);
type Input = Static<typeof AddMemberInput>;

const numberOf = (state: Account, known: Known): MemberId => {
  const household = householdOf(state);
  return joinedBefore(household, known) ?? nextMemberId(household);
};

const stepsOf = (
  { userId, cardNumber }: Input,
  memberId: MemberId,
  context: CommandContext,
  known: Omit<Known, 'person'>,
) => reservations({ userId, memberId, ...(cardNumber && { cardNumber }) }, context, known);

const addMemberCommand = (personalData: PersonalData) =>
  defineCommand({
    name: 'AddMember',
    summary: 'Takes another person onto an account.',
    input: AddMemberInput,
    aggregate: account,
    stream: (input, context) => accountStream(context.tenant, input.userId),
    fingerprinted: ({ userId, merchantId, cardNumber }) => ({ userId, merchantId, cardNumber }),
    lookUp: async (input, context, { directory, state }) => {
      const { tenant } = context;
      if (input.merchantId == null) presentTenant(directory, tenant);
      else presentMerchant(directory, tenant, input.merchantId);
      assertOpen(state); // no key is made for nobody
      const known = await knownOf(personalData, context, input);
      const memberId = numberOf(state, known);
      const subject = personSubject(input.userId, memberId);
      const person = await personalData.seal(tenant, subject, known.person);
      return { ...known, memberId, person };
    },
    decide: ({ merchantId, cardNumber }, state, found) =>
      decide({ ...found, merchantId: merchantId ?? null, cardNumber: cardNumber ?? null }, state),
    reserve: (input, context, found) => stepsOf(input, found.memberId, context, found),
    answer: ({ events, input, found }) => {
      const recorded = events.find(({ type }) => type === 'MemberAdded' || type === 'CardIssued');
      const { memberId } = (recorded?.data ?? found) as { readonly memberId: MemberId };
      return { userId: input.userId, memberId, cardNumber: input.cardNumber ?? null };
    },
  });

export interface Added {
  readonly userId: UserId;
  readonly memberId: MemberId;
  readonly cardNumber: CardNumber | null;
}
export type AddMember = (input: Input, context: CommandContext) => Promise<Handled<Added>>;

/**
 * The promise is refused with Rejected account-not-found, account-closed, invalid-contact, contact-taken, card-taken,
 * household-full and those of the tenant and the merchant.
 */
export const createAddMember = (handler: Handler, personalData: PersonalData): AddMember => {
  const command = addMemberCommand(personalData);
  return async (input, context) => {
    assertValid(AddMemberInput, input);
    const known = await knownOf(personalData, context, input);
    const state = await handler.state(accountStream(context.tenant, input.userId), account);
    for (const step of stepsOf(input, numberOf(state, known), context, known)) {
      step.decide(await handler.state(step.stream, step.aggregate)); // throws where it is somebody else's
    }
    return handler.handle(command, input, context);
  };
};
