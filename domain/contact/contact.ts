/**
 * Who owns a phone number or an e-mail address, by its hash: the value itself is never in the log. Invariant: one customer at
 * a time. It lives as a card number does (see card.ts): reserved first, then claimed or lapsed.
 */
import { Type, type Static } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { type TenantId, UserId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';

export const ContactKind = Type.Union([Type.Literal('phone'), Type.Literal('email')]);
export type ContactKind = Static<typeof ContactKind>;

export const contactStream = (tenant: TenantId, kind: ContactKind, hash: string) =>
  streamName('contact', tenant, `${kind}_${hash}`);

// These names are the storage format: proof-read, version with care.
export const ContactReserved = event('ContactReserved', {
  kind: ContactKind,
  /** HMAC-SHA256 under the tenant's index key, hex. */
  hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  userId: UserId,
  until: Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch, UTC' }),
});
export const ContactClaimed = event('ContactClaimed', { userId: UserId });
export const ContactReleased = event('ContactReleased', {
  userId: UserId,
  reason: Type.String({ maxLength: 500 }),
});

export const contactEvents = [ContactReserved, ContactClaimed, ContactReleased] as const;
export type ContactEvent = EventOf<(typeof contactEvents)[number]>;

export type Contact =
  | { readonly status: 'free' }
  | { readonly status: 'reserved'; readonly userId: UserId; readonly until: number }
  | { readonly status: 'claimed'; readonly userId: UserId };

export const contact: Aggregate<Contact, ContactEvent> = {
  category: 'contact',
  initial: () => ({ status: 'free' }),
  evolve: (_state, event) => {
    switch (event.type) {
      case 'ContactReserved':
        return { status: 'reserved', userId: event.data.userId, until: event.data.until };
      case 'ContactClaimed':
        return { status: 'claimed', userId: event.data.userId };
      case 'ContactReleased':
        return { status: 'free' };
      default:
        return unreachable(event);
    }
  },
};

type Reservation = EventOf<typeof ContactReserved>['data'];

/**
 * `now` in milliseconds. The customer's own reservation is prolonged; another's may be taken over once `now` reaches its `until`,
 * which is far off: reservations that came to nothing are freed much earlier, by the worker that looks whether they did.
 */
export const reserveContact = (
  command: Reservation & { readonly now: number },
  state: Contact,
): ContactEvent[] => {
  const { kind, hash, userId, until, now } = command;
  if (state.status !== 'free' && state.userId !== userId) {
    const expired = state.status === 'reserved' && state.until <= now;
    if (!expired) throw rejected('contact-taken', { kind });
  } else if (state.status === 'claimed' || (state.status === 'reserved' && state.until >= until)) {
    return []; // already carried out
  }
  return [{ type: 'ContactReserved', data: { kind, hash, userId, until } }];
};

/** Also from free: the account has recorded the contact, so a reservation that lapsed meanwhile is made good. */
export const claimContact = (
  command: { readonly userId: UserId },
  state: Contact,
): ContactEvent[] => {
  if (state.status !== 'free' && state.userId !== command.userId) throw rejected('contact-taken');
  if (state.status === 'claimed') return []; // already carried out
  return [{ type: 'ContactClaimed', data: { userId: command.userId } }];
};

export const releaseContact = (
  command: { readonly userId: UserId; readonly reason: string },
  state: Contact,
): ContactEvent[] => {
  if (state.status === 'free' || state.userId !== command.userId) return []; // nothing of theirs
  return [{ type: 'ContactReleased', data: { userId: command.userId, reason: command.reason } }];
};

/**
 * Releases a reservation that came to nothing, known by its customer and its `until`: one that was claimed, prolonged or made by
 * somebody else meanwhile is left alone.
 */
export const lapseContact = (
  command: { readonly userId: UserId; readonly until: number; readonly reason: string },
  state: Contact,
): ContactEvent[] =>
  state.status === 'reserved' && state.until === command.until
    ? releaseContact(command, state)
    : [];
