/** Gives or withdraws consents of whoever an account's number or an address means, on every stream that it concerns. */
import type { Consents, SetConsents } from '../../domain/consent/consent.js';
import type { CommandContext } from '../command.js';
import type { Handled, Handler } from '../handle.js';
import type { PersonalKeys } from '../personalData.js';
import { giveConsents, withdrawConsents } from './consents.js';
import { type RecipientAsked, subjectsAsked } from './recipient.js';

export type ConsentOrder = Omit<SetConsents, 'subject'> & {
  readonly recipient: RecipientAsked;
  readonly state: 'given' | 'withdrawn';
};
export interface ConsentsSet {
  /** The account first, where there is one. */
  readonly subjects: readonly [string, ...string[]];
  /** Of the first of them. */
  readonly consents: Consents;
}
/** @throws InvalidInput; Rejected account-not-found, invalid-contact, tenant-not-found, revoked, idempotency-key-reused */
export type SetConsentsOf = (
  order: ConsentOrder,
  context: CommandContext,
) => Promise<Handled<ConsentsSet>>;

export const createSetConsents =
  (handler: Handler, keys: Pick<PersonalKeys, 'indexKey'>): SetConsentsOf =>
  async ({ recipient, state, channels, classes, source }, context) => {
    const subjects = await subjectsAsked(handler, keys, context.tenant, recipient);
    const command = state === 'given' ? giveConsents : withdrawConsents;
    const said = { channels: [...channels], classes: [...classes], source };
    const [first, ...others] = subjects;
    const handled = await handler.handle(command, { subject: first, ...said }, context);
    let { position, repeated } = handled;
    for (const subject of others) {
      const other = await handler.handle(command, { subject, ...said }, context);
      if (other.position !== null && other.position > (position ?? -1n)) {
        position = other.position;
      }
      repeated &&= other.repeated;
    }
    return { answer: { subjects, consents: handled.answer }, position, repeated };
  };
