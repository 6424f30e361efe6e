/**
 * Who owns a phone number or an e-mail address, by its hash: the value itself is never in the log. Invariant: one customer at
 * a time. It lives as a card number does (see card.ts): reserved first, then claimed or lapsed.
 *
 * Of an account with several people it is one member's. Their number is part of who the owner is, so that giving back the phone of
 * a member who left never frees what another of the same account has won since. Left out: who enrolled.
 */
import { Type, type Static } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { MemberId, type TenantId, UserId } from '../ids.js';
import { firstMember } from '../household/household.js';
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
  memberId: Type.Optional(MemberId),
  until: Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch, UTC' }),
});
export const ContactClaimed = event('ContactClaimed', {
  userId: UserId,
  memberId: Type.Optional(MemberId),
});
export const ContactReleased = event('ContactReleased', {
  userId: UserId,
  memberId: Type.Optional(MemberId),
  reason: Type.String({ maxLength: 500 }),
});

export const contactEvents = [ContactReserved, ContactClaimed, ContactReleased] as const;
export type ContactEvent = EventOf<(typeof contactEvents)[number]>;

/** One person of an account. */
interface Owner {
  readonly userId: UserId;
  readonly memberId?: MemberId | undefined;
}

export type Contact =
  /** `hadBefore`: it was some customer's once. */
  | { readonly status: 'free'; readonly hadBefore?: true }
  | ({ readonly status: 'reserved'; readonly until: number; readonly hadBefore?: true } & Owner)
  | ({ readonly status: 'claimed' } & Owner);

const isOf = (state: Owner, { userId, memberId }: Owner): boolean =>
  state.userId === userId && (state.memberId ?? firstMember) === (memberId ?? firstMember);

const ownerOf = ({ userId, memberId }: Owner): { userId: UserId; memberId?: MemberId } =>
  memberId === undefined || memberId === firstMember ? { userId } : { userId, memberId };

export const contact: Aggregate<Contact, ContactEvent> = {
  category: 'contact',
  initial: () => ({ status: 'free' }),
  evolve: (state, event) => {
    const before =
      state.status !== 'claimed' && state.hadBefore ? { hadBefore: true as const } : {};
    switch (event.type) {
      case 'ContactReserved': {
        const { until } = event.data;
        return { status: 'reserved', ...ownerOf(event.data), until, ...before };
      }
      case 'ContactClaimed':
        return { status: 'claimed', ...ownerOf(event.data) };
      case 'ContactReleased':
        return state.status === 'claimed'
          ? { status: 'free', hadBefore: true }
          : { status: 'free', ...before };
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
  const { kind, hash, until, now } = command;
  if (state.status !== 'free' && !isOf(state, command)) {
    const expired = state.status === 'reserved' && state.until <= now;
    if (!expired) throw rejected('contact-taken', { kind });
  } else if (state.status === 'claimed' || (state.status === 'reserved' && state.until >= until)) {
    return []; // already carried out
  }
  return [{ type: 'ContactReserved', data: { kind, hash, ...ownerOf(command), until } }];
};

/** Also from free: the account has recorded the contact, so a reservation that lapsed meanwhile is made good. */
export const claimContact = (command: Owner, state: Contact): ContactEvent[] => {
  if (state.status !== 'free' && !isOf(state, command)) throw rejected('contact-taken');
  if (state.status === 'claimed') return []; // already carried out
  return [{ type: 'ContactClaimed', data: ownerOf(command) }];
};

export const releaseContact = (
  command: Owner & { readonly reason: string },
  state: Contact,
): ContactEvent[] => {
  if (state.status === 'free' || !isOf(state, command)) return []; // nothing of theirs
  return [{ type: 'ContactReleased', data: { ...ownerOf(command), reason: command.reason } }];
};

/**
 * Releases a reservation that came to nothing, known by its customer and its `until`: one that was claimed, prolonged or made by
 * somebody else meanwhile is left alone.
 */
export const lapseContact = (
  command: Owner & { readonly until: number; readonly reason: string },
  state: Contact,
): ContactEvent[] =>
  state.status === 'reserved' && state.until === command.until
    ? releaseContact(command, state)
    : [];
