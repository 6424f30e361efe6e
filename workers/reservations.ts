/**
 * Settles what customers reserved. A contact or card is claimed once the account's event says so, freed where the command came to
 * nothing, released when the person is erased (the contacts already when the account closes, or when a member of a household
 * leaves). It also finishes erasures that broke off between their event and the key.
 *
 * At least once (settling.ts): every command has a key made of the fact it answers, so a repeat does nothing. A reservation is only
 * freed after the account's own history was read and does not have it.
 */
import { accountStream } from '../domain/account/account.js';
import { type CardReserved, cardStream } from '../domain/card/card.js';
import { type ContactReserved, contactStream } from '../domain/contact/contact.js';
import type { AccountEvent } from '../domain/account/events.js';
import type { EventOf } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import { firstMember } from '../domain/household/household.js';
import type { MemberId, TenantId, UserId } from '../domain/ids.js';
import type { Rejected } from '../domain/rejected.js';
import { parseStreamName } from '../domain/stream.js';
import { claimCard, lapseCard } from '../commands/customer/cardOwnership.js';
import { claimContact, lapseContact } from '../commands/customer/contactOwnership.js';
import { forget, membersIn } from '../commands/customer/forget.js';
import {
  contactsOfMember,
  type Holdings,
  holdingsIn,
  lastContactsOf,
  release,
} from '../commands/customer/holdings.js';
import type { Log } from '../commands/log.js';
import type { PersonalData } from '../commands/personalData.js';
import { answering, type AnsweringOptions } from './answering.js';
import { createOpenReservations } from './openReservations.js';
import { createSettling, type SettlingWorker } from './settling.js';

export { recordedWithinMs as confirmedWithinMs } from './settling.js';

const page = 1_000;
const name = 'reservations';

type Reservation = EventOf<typeof CardReserved> | EventOf<typeof ContactReserved>;
const confirmationTypes = [
  'CustomerEnrolled',
  'MemberAdded',
  'PersonChanged',
  'CardIssued',
  'CardReplaced',
  'MemberRemoved',
  'MemberErased',
  'AccountClosed',
  'PersonErased',
] as const satisfies readonly AccountEvent['type'][];
type Confirmation = Extract<AccountEvent, { type: (typeof confirmationTypes)[number] }>;

const reserved = [
  'CardReserved',
  'ContactReserved',
] as const satisfies readonly Reservation['type'][];

export const createReservationsWorker = (
  options: AnsweringOptions & {
    readonly log: Pick<Log, 'read'>;
    readonly personalData: PersonalData;
    /** What an account recorded belongs to another: after an erasure it may have gone on already, otherwise look into it. */
    readonly onConflict: (fact: Fact, rejection: Rejected) => void;
  },
): SettlingWorker => {
  const { handler, log, personalData, onConflict } = options;
  const contextOf = answering(name, options.now);
  const open = createOpenReservations(({ stream }) => stream);

  const claim = async (fact: Fact, userId: UserId, { contacts, cards }: Holdings) => {
    const context = contextOf(fact);
    for (const contact of contacts) {
      await handler.handle(claimContact, { ...contact, userId }, context);
      open.delete(contactStream(context.tenant, contact.kind, contact.hash));
    }
    for (const cardNumber of cards) {
      await handler.handle(claimCard, { cardNumber, userId }, context);
      open.delete(cardStream(context.tenant, cardNumber));
    }
  };

  /** Whatever an account ever recorded of its customer, whoever recorded it. */
  const historyOf = async (tenant: TenantId, userId: UserId): Promise<AccountEvent[]> => {
    const stream = accountStream(tenant, userId);
    const told: AccountEvent[] = [];
    for (let from = 0; ; from += page) {
      const facts = await log.read(stream, from, page);
      for (const { type, data } of facts) {
        if (isOfCustomer(type)) told.push({ type, data } as Confirmation);
      }
      if (facts.length < page) return told;
    }
  };

  const react = async (fact: Fact): Promise<void> => {
    const event = { type: fact.type, data: fact.data } as Confirmation;
    const userId = (parseStreamName(fact.stream)?.id ?? '') as UserId;
    const { tenant } = fact.metadata;
    switch (event.type) {
      case 'CustomerEnrolled':
      case 'MemberAdded':
      case 'CardIssued':
      case 'CardReplaced':
        return claim(fact, userId, holdingsIn([event]));
      case 'PersonChanged': {
        const { memberId = firstMember } = event.data;
        const history = await historyOf(tenant, userId);
        // Since then they may have told something else: what they hold now is claimed, and nothing else.
        const now = lastContactsOf(history, memberId);
        if (!hasLeft(history, memberId)) await claim(fact, userId, { contacts: now, cards: [] });
        const contacts = contactsOfMember(holdingsIn(history), memberId).filter(
          (one) => !now.some(({ kind, hash }) => one.kind === kind && one.hash === hash),
        );
        const why = { reason: 'told another', cause: fact.id };
        return release(handler, userId, { contacts, cards: [] }, contextOf(fact), why);
      }
      case 'MemberRemoved': {
        const { memberId, reason } = event.data;
        const contacts = contactsOfMember(holdingsIn(await historyOf(tenant, userId)), memberId);
        const why = { reason, cause: fact.id };
        return release(handler, userId, { contacts, cards: [] }, contextOf(fact), why);
      }
      case 'MemberErased':
        return forget(personalData, tenant, userId, [event.data.memberId]);
      case 'AccountClosed': {
        const { contacts } = holdingsIn(await historyOf(tenant, userId));
        const why = { reason: event.data.reason, cause: fact.id };
        return release(handler, userId, { contacts, cards: [] }, contextOf(fact), why);
      }
      case 'PersonErased': {
        const history = await historyOf(tenant, userId);
        await forget(personalData, tenant, userId, membersIn(history));
        const why = { reason: event.data.reason, cause: fact.id };
        return release(handler, userId, holdingsIn(history), contextOf(fact), why);
      }
    }
  };

  const settle = async (fact: Fact): Promise<void> => {
    const event = { type: fact.type, data: fact.data } as Reservation;
    const { userId, until } = event.data;
    const history = await historyOf(fact.metadata.tenant, userId);
    const { cards } = holdingsIn(history);
    const erased = history.some(({ type }) => type === 'PersonErased');
    const context = contextOf(fact);
    const reason = 'the reservation came to nothing';
    if (event.type === 'CardReserved') {
      const { cardNumber } = event.data;
      if (cards.includes(cardNumber) && !erased) {
        return claim(fact, userId, { contacts: [], cards: [cardNumber] });
      }
      await handler.handle(lapseCard, { cardNumber, userId, until, reason }, context);
    } else {
      const { kind, hash, memberId = firstMember } = event.data;
      const theirs = lastContactsOf(history, memberId);
      const held = theirs.find((contact) => contact.kind === kind && contact.hash === hash);
      if (held && !hasLeft(history, memberId))
        return claim(fact, userId, { contacts: [held], cards: [] });
      await handler.handle(lapseContact, { ...event.data, reason }, context);
    }
  };

  return createSettling(options, {
    name,
    open,
    react,
    settle,
    reserved,
    answered: confirmationTypes,
    onRejected: onConflict,
  });
};

const isOfCustomer = (type: string): type is Confirmation['type'] =>
  (confirmationTypes as readonly string[]).includes(type);

const hasLeft = (history: readonly AccountEvent[], memberId: MemberId): boolean =>
  history.some(
    ({ type, data }) =>
      type === 'PersonErased' ||
      type === 'AccountClosed' ||
      (type === 'MemberRemoved' && data.memberId === memberId),
  );
