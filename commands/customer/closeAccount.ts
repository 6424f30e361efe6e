/**
 * Ends an account on the customer's word: its points are forfeited, its history stays, its phone and e-mail become free so that
 * the person may enrol anew one day. The cards stay taken: a closed account's card is answered as such, not as unknown.
 */
import { Type, type Static } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { closeAccount as decide } from '../../domain/account/close.js';
import { UserId } from '../../domain/ids.js';
import { type CommandContext, defineCommand } from '../command.js';
import type { Handled, Handler } from '../handle.js';
import { holdingsOf, release } from './holdings.js';

export const CloseAccountInput = Type.Object(
  { userId: UserId, reason: Type.String({ maxLength: 500 }) },
  { additionalProperties: false, title: 'CloseAccount' },
);

const closeAccountCommand = defineCommand({
  name: 'CloseAccount',
  summary: 'Ends an account; its points are forfeited.',
  input: CloseAccountInput,
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: () => undefined,
  decide: ({ reason }, state, _found, { now }) => decide({ reason, at: now }, state),
  answer: ({ events, input }) => {
    const closed = events.find((event) => event.type === 'AccountClosed');
    return { userId: input.userId, forfeited: closed?.data.forfeited ?? 0 };
  },
});

export type CloseAccount = (
  input: Static<typeof CloseAccountInput>,
  context: CommandContext,
) => Promise<Handled<{ readonly userId: UserId; readonly forfeited: number }>>;

/** `forfeited` in hundredths of a point; 0 where the account was closed before. */
export const createCloseAccount =
  (handler: Handler): CloseAccount =>
  async (input, context) => {
    const { userId, reason } = input;
    const handled = await handler.handle(closeAccountCommand, input, context);
    const state = await handler.state(accountStream(context.tenant, userId), account);
    const { contacts } = holdingsOf(state);
    const why = { reason, cause: 'closed' };
    await release(handler, userId, { contacts, cards: [] }, context, why);
    return handled;
  };
