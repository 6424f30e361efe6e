/**
 * The contacts and card numbers a customer holds, and giving them back. Each release has a key made of what is released and why,
 * so the command that ends an account and the worker that makes sure of it may both try.
 */
import type { AccountEvent } from '../../domain/account/events.js';
import type { Account } from '../../domain/account/state.js';
import type { ContactKind } from '../../domain/contact/contact.js';
import {
  firstMember,
  householdOf,
  type Member,
  presentIn,
} from '../../domain/household/household.js';
import type { CardNumber, MemberId, UserId } from '../../domain/ids.js';
import type { CommandContext } from '../command.js';
import type { Handler } from '../handle.js';
import { releaseCard } from './cardOwnership.js';
import { releaseContact } from './contactOwnership.js';

interface HeldContact {
  readonly kind: ContactKind;
  readonly hash: string;
  /** Left out: who enrolled. */
  readonly memberId?: MemberId;
}

export interface Holdings {
  readonly contacts: readonly HeldContact[];
  readonly cards: readonly CardNumber[];
}

const contactsOf = (
  { phoneHash, emailHash }: Pick<Member, 'phoneHash' | 'emailHash'>,
  memberId: MemberId = firstMember,
): HeldContact[] => {
  const whose = memberId === firstMember ? {} : { memberId };
  return [
    ...(phoneHash === null ? [] : [{ kind: 'phone' as const, hash: phoneHash, ...whose }]),
    ...(emailHash === null ? [] : [{ kind: 'email' as const, hash: emailHash, ...whose }]),
  ];
};

/** Of everybody, as an account remembers them; a copy, since accounts change in place. Who has left has no contacts any more. */
export const holdingsOf = (account: Account): Holdings => ({
  contacts: presentIn(householdOf(account)).flatMap(([id, member]) => contactsOf(member, id)),
  cards: [...account.cards.keys()],
});

export const contactsOfMember = (
  { contacts }: Holdings,
  memberId: MemberId,
): Holdings['contacts'] => contacts.filter((one) => (one.memberId ?? firstMember) === memberId);

/** As the history of an account tells them, which never forgets. */
export const holdingsIn = (events: Iterable<AccountEvent>): Holdings => {
  const contacts: HeldContact[] = [];
  const cards: CardNumber[] = [];
  for (const event of events) {
    if (event.type === 'CustomerEnrolled') contacts.push(...contactsOf(event.data));
    if (event.type === 'MemberAdded' || event.type === 'PersonChanged') {
      contacts.push(...contactsOf(event.data, event.data.memberId));
    }
    if (event.type === 'CardIssued') cards.push(event.data.cardNumber);
    if (event.type === 'CardReplaced') cards.push(event.data.replacement);
  }
  return { contacts, cards };
};

/** What a member told last; none before they told anything. Who has left is looked at apart. */
export const lastContactsOf = (
  events: readonly AccountEvent[],
  memberId: MemberId,
): Holdings['contacts'] => {
  const last = events.findLast(
    (event) =>
      (event.type === 'CustomerEnrolled' && memberId === firstMember) ||
      ((event.type === 'MemberAdded' || event.type === 'PersonChanged') &&
        (event.data.memberId ?? firstMember) === memberId),
  );
  return last ? holdingsIn([last]).contacts : [];
};

/** `cause` names the end they are released for: the id of its command or event. */
export const release = async (
  handler: Handler,
  userId: UserId,
  { contacts, cards }: Holdings,
  context: CommandContext,
  { reason, cause }: { readonly reason: string; readonly cause: string },
): Promise<void> => {
  const releasing = { ...context, idempotencyKey: `release ${userId} ${cause}` };
  for (const contact of contacts) {
    await handler.handle(releaseContact, { ...contact, userId, reason }, releasing);
  }
  for (const cardNumber of cards) {
    await handler.handle(releaseCard, { cardNumber, userId, reason }, releasing);
  }
};
