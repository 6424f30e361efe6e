/**
 * Lets a person leave an account: their contacts become free, their cards are blocked or another's, the points stay. What they told
 * stays readable for whoever serves the account, until they are erased.
 */
import { Type, type Static } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { removeMember as decide } from '../../domain/account/members.js';
import { MemberId, UserId } from '../../domain/ids.js';
import { type CommandContext, defineCommand } from '../command.js';
import { contactsOfMember, holdingsOf, release } from '../customer/holdings.js';
import type { Handled, Handler } from '../handle.js';

export const leavingInput = {
  userId: UserId,
  memberId: MemberId,
  reason: Type.String({ maxLength: 500 }),
  /** Whose their cards become; blocked where it is left out. */
  cardsTo: Type.Optional(MemberId),
} as const;

const RemoveMemberInput = Type.Object(leavingInput, {
  additionalProperties: false,
  title: 'RemoveMember',
});

const removeMemberCommand = defineCommand({
  name: 'RemoveMember',
  summary: 'Lets a person leave an account; the points stay.',
  input: RemoveMemberInput,
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: () => undefined,
  decide: ({ memberId, reason, cardsTo }, state) =>
    decide({ memberId, reason, cardsGoTo: cardsTo ?? 'nobody' }, state),
  answer: ({ input }) => ({ userId: input.userId, memberId: input.memberId }),
});

export type RemoveMember = (
  input: Static<typeof RemoveMemberInput>,
  context: CommandContext,
) => Promise<Handled<{ readonly userId: UserId; readonly memberId: MemberId }>>;

/** The promise is refused with Rejected account-not-found, account-closed, member-not-found, member-is-head. */
export const createRemoveMember =
  (handler: Handler): RemoveMember =>
  async (input, context) => {
    const { userId, memberId, reason } = input;
    const state = await handler.state(accountStream(context.tenant, userId), account);
    const contacts = contactsOfMember(holdingsOf(state), memberId);
    const handled = await handler.handle(removeMemberCommand, input, context);
    const why = { reason, cause: `removed ${memberId}` };
    await release(handler, userId, { contacts, cards: [] }, context, why);
    return handled;
  };
