/**
 * Forgets a customer, and everybody else who was ever on the account: it ends, the keys of their personal data are destroyed, their
 * phones, e-mails and cards become free. Who of several goes alone is erased by household/eraseMember.ts.
 *
 * The event comes first and the key after it: a command that broke off between the two is finished by its repeat or by the
 * worker (workers/reservations.ts), whereas a key destroyed without an event would be a loss that nobody decided.
 */
import { Type, type Static } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { erasePerson as decide } from '../../domain/account/close.js';
import { UserId } from '../../domain/ids.js';
import { type CommandContext, defineCommand } from '../command.js';
import type { Handled, Handler } from '../handle.js';
import type { PersonalData } from '../personalData.js';
import { forget, membersOf } from './forget.js';
import { holdingsOf, release } from './holdings.js';

export const ErasePersonInput = Type.Object(
  { userId: UserId, reason: Type.String({ maxLength: 500 }) },
  { additionalProperties: false, title: 'ErasePerson' },
);

const erasePersonCommand = defineCommand({
  name: 'ErasePerson',
  summary: 'Ends an account and destroys the key of the personal data; this cannot be undone.',
  input: ErasePersonInput,
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: () => undefined,
  decide: ({ reason }, state, _found, { now }) => decide({ reason, at: now }, state),
  answer: ({ input }) => ({ userId: input.userId }),
});

export type ErasePerson = (
  input: Static<typeof ErasePersonInput>,
  context: CommandContext,
) => Promise<Handled<{ readonly userId: UserId }>>;

export const createErasePerson =
  (handler: Handler, personalData: PersonalData): ErasePerson =>
  async (input, context) => {
    const { userId, reason } = input;
    const stream = accountStream(context.tenant, userId);
    const state = await handler.state(stream, account);
    const holdings = holdingsOf(state);
    const handled = await handler.handle(erasePersonCommand, input, context);
    await forget(personalData, context.tenant, userId, membersOf(state));
    await release(handler, userId, holdings, context, { reason, cause: 'erased' });
    return handled;
  };
