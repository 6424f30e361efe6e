/**
 * Winning what is unique before the account records it: a step per card number and contact, on their own small streams.
 *
 * A reservation is good for a day and is settled within seconds (workers/reservations.ts): claimed where the account recorded it,
 * freed where it did not. The day only matters if no worker ran at all; it is long so that nobody takes over what an account has.
 */
import { card, cardStream, reserveCard } from '../../domain/card/card.js';
import {
  contact,
  type ContactKind,
  contactStream,
  reserveContact,
} from '../../domain/contact/contact.js';
import type { CardNumber, MemberId, UserId } from '../../domain/ids.js';
import { type CommandContext, type Step, step } from '../command.js';

export const reservationMs = 86_400_000;

export const cardReservation = (
  cardNumber: CardNumber,
  userId: UserId,
  { tenant, now }: CommandContext,
): Step => {
  const command = { cardNumber, userId, until: now + reservationMs, now };
  return step({
    stream: cardStream(tenant, cardNumber),
    aggregate: card,
    decide: (state) => reserveCard(command, state),
  });
};

export const contactReservation = (
  kind: ContactKind,
  hash: string,
  owner: { readonly userId: UserId; readonly memberId?: MemberId },
  { tenant, now }: CommandContext,
): Step => {
  const command = { kind, hash, ...owner, until: now + reservationMs, now };
  return step({
    stream: contactStream(tenant, kind, hash),
    aggregate: contact,
    decide: (state) => reserveContact(command, state),
  });
};
