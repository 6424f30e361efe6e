/**
 * Changes what is known of a person: name, birth date, phone and e-mail, all of it at once. Contacts are unique in the tenant, so the
 * new ones are looked at, then reserved, then recorded; the worker claims them and frees those that were given up
 * (workers/reservations.ts).
 */
import { Type, type Static } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { changePerson as decide } from '../../domain/account/changePerson.js';
import { assertOpen } from '../../domain/account/customer.js';
import { assertPresent, firstMember, householdOf } from '../../domain/household/household.js';
import { MemberId, UserId } from '../../domain/ids.js';
import { monthAndDay } from '../birthdays.js';
import { type CommandContext, defineCommand } from '../command.js';
import type { Handled, Handler } from '../handle.js';
import { type PersonalData, personSubject } from '../personalData.js';
import { assertValid } from '../validation.js';
import { knownOf, personInput, reservations } from './person.js';

export const ChangePersonInput = Type.Object(
  {
    userId: UserId,
    memberId: Type.Optional(
      Type.Unsafe<MemberId>({
        ...MemberId,
        description: 'Of several people on the account; left out: who enrolled',
      }),
    ),
    ...personInput,
  },
  { additionalProperties: false, title: 'ChangePerson' },
);
type Input = Static<typeof ChangePersonInput>;

const ownerOf = ({ userId, memberId = firstMember }: Input) => ({ userId, memberId });

const changePersonCommand = (personalData: PersonalData) =>
  defineCommand({
    name: 'ChangePerson',
    summary: 'Changes what is known of a person, all of it at once.',
    input: ChangePersonInput,
    aggregate: account,
    stream: (input, context) => accountStream(context.tenant, input.userId),
    // What a person tells must not be guessed from the log, not even from a digest.
    fingerprinted: ownerOf,
    lookUp: async (input, context, { state }) => {
      const { userId, memberId } = ownerOf(input);
      assertOpen(state);
      assertPresent(householdOf(state), memberId); // no key is made for who left
      const { person, ...hashes } = await knownOf(personalData, context, input);
      const subject = personSubject(userId, memberId);
      const seal = (told: typeof person) => personalData.seal(context.tenant, subject, told);
      const { birthDate } = person;
      const birthday = birthDate ? await seal({ birthDate: monthAndDay(birthDate) }) : null;
      return { ...hashes, person: await seal(person), birthday };
    },
    decide: (input, state, found) => decide({ ...found, ...ownerOf(input) }, state),
    reserve: (input, context, found) => reservations(ownerOf(input), context, found),
    answer: ({ input }) => ownerOf(input),
  });

export type ChangePerson = (
  input: Input,
  context: CommandContext,
) => Promise<Handled<{ readonly userId: UserId; readonly memberId: MemberId }>>;

/** The promise is refused with Rejected account-not-found, account-closed, member-not-found, invalid-contact, contact-taken. */
export const createChangePerson = (handler: Handler, personalData: PersonalData): ChangePerson => {
  const command = changePersonCommand(personalData);
  return async (input, context) => {
    assertValid(ChangePersonInput, input);
    const known = await knownOf(personalData, context, input);
    for (const step of reservations(ownerOf(input), context, known)) {
      step.decide(await handler.state(step.stream, step.aggregate)); // throws where it is somebody else's
    }
    return handler.handle(command, input, context);
  };
};
