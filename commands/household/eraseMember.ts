/**
 * Forgets one person of an account: they leave it if they have not yet, and the key of their personal data is destroyed. Receipts
 * and points stay with the account, unless nobody else is on it: then all of it ends.
 *
 * The event comes first and the key after it, as when a whole account is erased: a command that broke off between the two is
 * finished by its repeat or by the worker (workers/reservations.ts).
 */
import { Type, type Static } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { eraseMember as decide } from '../../domain/account/members.js';
import type { MemberId, UserId } from '../../domain/ids.js';
import { type CommandContext, defineCommand } from '../command.js';
import { forget, membersOf } from '../customer/forget.js';
import { contactsOfMember, holdingsOf, release } from '../customer/holdings.js';
import type { Handled, Handler } from '../handle.js';
import type { PersonalData } from '../personalData.js';
import { leavingInput } from './removeMember.js';

const EraseMemberInput = Type.Object(leavingInput, {
  additionalProperties: false,
  title: 'EraseMember',
});

const eraseMemberCommand = defineCommand({
  name: 'EraseMember',
  summary: 'Destroys the key of one person’s data; this cannot be undone.',
  input: EraseMemberInput,
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: () => undefined,
  decide: ({ memberId, reason, cardsTo }, state, _found, { now }) =>
    decide({ memberId, reason, cardsGoTo: cardsTo ?? 'nobody', at: now }, state),
  answer: ({ input, state }) => ({
    userId: input.userId,
    memberId: input.memberId,
    accountErased: state.status === 'erased',
  }),
});

interface Erased {
  readonly userId: UserId;
  readonly memberId: MemberId;
  readonly accountErased: boolean;
}
export type EraseMember = (
  input: Static<typeof EraseMemberInput>,
  context: CommandContext,
) => Promise<Handled<Erased>>;

/** The promise is refused with Rejected account-not-found, member-not-found. */
export const createEraseMember =
  (handler: Handler, personalData: PersonalData): EraseMember =>
  async (input, context) => {
    const { userId, memberId, reason } = input;
    const { tenant } = context;
    const state = await handler.state(accountStream(tenant, userId), account);
    const holdings = holdingsOf(state);
    const handled = await handler.handle(eraseMemberCommand, input, context);
    if (handled.answer.accountErased) {
      await forget(personalData, tenant, userId, membersOf(state));
      await release(handler, userId, holdings, context, { reason, cause: 'erased' });
    } else {
      await forget(personalData, tenant, userId, [memberId]);
      const contacts = contactsOfMember(holdings, memberId);
      const why = { reason, cause: `removed ${memberId}` };
      await release(handler, userId, { contacts, cards: [] }, context, why);
    }
    return handled;
  };
