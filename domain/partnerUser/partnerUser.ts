/**
 * A person of a partner, with a password of their own. Invariant: a password is only ever set by whoever holds the one code that
 * is open at the time (of an invitation or a reset, once, before it lapses) or knows the password before.
 *
 *   invited ──(code)──▶ active ──(reset)──▶ waiting for the new code ──(code)──▶ active;  blocked and back;  removed, the data with it
 *
 * `session` counts what ends all tokens made before: a token says the count of its time and is good while the two agree.
 */
import { type Static, Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import { PartnerId, PartnerUserId, type TenantId } from '../ids.js';
import { orderedRoles, PartnerRoles, type PartnerRole } from '../partner/role.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';

export const partnerUserStream = (tenant: TenantId, id: PartnerUserId) =>
  streamName('partneruser', tenant, id);

const reason = Type.String({ maxLength: 500 });
const code = {
  /** SHA-256 of the code's secret, hex. The code is shown once and kept nowhere. */
  codeHash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  codeUntil: Type.String({ format: 'date-time' }),
} as const;

// These names are the storage format: proof-read, version with care.
export const PartnerUserInvited = event('PartnerUserInvited', {
  partnerUserId: PartnerUserId,
  partnerId: PartnerId,
  /** Name and e-mail, encrypted under the person's own key. */
  sealed: Type.String({ maxLength: 4_000 }),
  roles: PartnerRoles,
  ...code,
});
export const PartnerUserPasswordSet = event('PartnerUserPasswordSet', {
  /** A scrypt string with its parameters and salt, never a password. */
  passwordHash: Type.String({ pattern: '^scrypt\\$', maxLength: 300 }),
});
export const PartnerUserResetIssued = event('PartnerUserResetIssued', code);
export const PartnerUserRolesSet = event('PartnerUserRolesSet', { roles: PartnerRoles });
export const PartnerUserBlocked = event('PartnerUserBlocked', { reason });
export const PartnerUserUnblocked = event('PartnerUserUnblocked', {});
export const PartnerUserLoggedOff = event('PartnerUserLoggedOff', {});
export const PartnerUserRemoved = event('PartnerUserRemoved', { reason });

export const partnerUserEvents = [
  PartnerUserInvited,
  PartnerUserPasswordSet,
  PartnerUserResetIssued,
  PartnerUserRolesSet,
  PartnerUserBlocked,
  PartnerUserUnblocked,
  PartnerUserLoggedOff,
  PartnerUserRemoved,
] as const;
export type PartnerUserEvent = EventOf<(typeof partnerUserEvents)[number]>;

export interface Code {
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Somebody who was invited and not removed. */
export interface KnownUser {
  readonly status: 'known';
  readonly partnerUserId: PartnerUserId;
  readonly partnerId: PartnerId;
  readonly sealed: string;
  readonly roles: readonly PartnerRole[];
  readonly isBlocked: boolean;
  /** Null until one is set, and between a reset and its use. */
  readonly passwordHash: string | null;
  readonly code: Code | null;
  readonly session: number;
  /** How often the person came, from 1: each time with a key of its own for the personal data. */
  readonly life: number;
}
export type PartnerUser =
  | { readonly status: 'unknown' }
  | KnownUser
  | { readonly status: 'removed'; readonly session: number; readonly life: number };

const withChange = (state: PartnerUser, change: Partial<KnownUser>): PartnerUser =>
  state.status === 'known' ? { ...state, ...change } : state;
const ended = (state: PartnerUser): number => ('session' in state ? state.session + 1 : 0);
const codeOf = ({ codeHash, codeUntil }: { codeHash: string; codeUntil: string }): Code => ({
  hash: codeHash,
  until: Date.parse(codeUntil),
});

/** Also what the directory keeps of a user, event by event. */
export const evolvePartnerUser = (state: PartnerUser, event: PartnerUserEvent): PartnerUser => {
  switch (event.type) {
    case 'PartnerUserInvited': {
      const { partnerUserId, partnerId, sealed, roles } = event.data;
      const life = state.status === 'unknown' ? 1 : state.life + 1;
      const person = { partnerUserId, partnerId, sealed, roles, life, session: ended(state) };
      const fresh = { isBlocked: false, passwordHash: null, code: codeOf(event.data) };
      return { status: 'known', ...person, ...fresh };
    }
    case 'PartnerUserPasswordSet': {
      const { passwordHash } = event.data;
      return withChange(state, { passwordHash, code: null, session: ended(state) });
    }
    case 'PartnerUserResetIssued': {
      const forgotten = { passwordHash: null, session: ended(state) };
      return withChange(state, { ...forgotten, code: codeOf(event.data) });
    }
    case 'PartnerUserRolesSet':
      return withChange(state, { roles: event.data.roles });
    case 'PartnerUserBlocked':
      return withChange(state, { isBlocked: true, session: ended(state) });
    case 'PartnerUserUnblocked':
      return withChange(state, { isBlocked: false });
    case 'PartnerUserLoggedOff':
      return withChange(state, { session: ended(state) });
    case 'PartnerUserRemoved':
      if (state.status !== 'known') return state;
      return { status: 'removed', session: ended(state), life: state.life };
    default:
      return unreachable(event);
  }
};

export const partnerUser: Aggregate<PartnerUser, PartnerUserEvent> = {
  category: 'partneruser',
  initial: () => ({ status: 'unknown' }),
  evolve: evolvePartnerUser,
};

const known = (state: PartnerUser): KnownUser => {
  if (state.status === 'known') return state;
  throw rejected('partner-user-not-found');
};

/** Whether the holder of a code's secret may set a password with it. */
export const isOpen = (open: Code | null, hash: string, now: number): boolean =>
  open !== null && open.hash === hash && now < open.until;

type Invitation = Static<typeof PartnerUserInvited.schema>;

/** The same person with the same roles is invited once; a lost code is replaced by a reset. */
export const invite = (command: Invitation, state: PartnerUser): PartnerUserEvent[] => {
  if (state.status !== 'known') return [{ type: 'PartnerUserInvited', data: command }];
  const same = orderedRoles(state.roles).join() === orderedRoles(command.roles).join();
  if (same) return []; // already carried out
  throw rejected('already-registered', { partnerUserId: command.partnerUserId });
};

export const setPasswordByCode = (
  command: { readonly codeHash: string; readonly passwordHash: string; readonly now: number },
  state: PartnerUser,
): PartnerUserEvent[] => {
  const { codeHash, passwordHash, now } = command;
  const may = state.status === 'known' && !state.isBlocked && isOpen(state.code, codeHash, now);
  if (!may) throw rejected('invitation-refused');
  return [{ type: 'PartnerUserPasswordSet', data: { passwordHash } }];
};

export const changePassword = (
  command: { readonly passwordHash: string },
  state: PartnerUser,
): PartnerUserEvent[] => {
  const { passwordHash } = known(state);
  if (passwordHash === command.passwordHash) return []; // already carried out
  return [{ type: 'PartnerUserPasswordSet', data: { passwordHash: command.passwordHash } }];
};

export const issueReset = (
  command: EventOf<typeof PartnerUserResetIssued>['data'],
  state: PartnerUser,
): PartnerUserEvent[] => {
  known(state);
  return [{ type: 'PartnerUserResetIssued', data: command }];
};

export const setRoles = (
  command: { readonly roles: readonly PartnerRole[] },
  state: PartnerUser,
): PartnerUserEvent[] => {
  const roles = orderedRoles(command.roles);
  if (orderedRoles(known(state).roles).join() === roles.join()) return []; // already carried out
  return [{ type: 'PartnerUserRolesSet', data: { roles } }];
};

export const block = (
  command: { readonly reason: string },
  state: PartnerUser,
): PartnerUserEvent[] => {
  if (known(state).isBlocked) return []; // already carried out
  return [{ type: 'PartnerUserBlocked', data: { reason: command.reason } }];
};

export const unblock = (state: PartnerUser): PartnerUserEvent[] =>
  known(state).isBlocked ? [{ type: 'PartnerUserUnblocked', data: {} }] : [];

/** Each time anew: there is no telling whether somebody logged on in between. */
export const logOff = (state: PartnerUser): PartnerUserEvent[] => {
  known(state);
  return [{ type: 'PartnerUserLoggedOff', data: {} }];
};

export const remove = (
  command: { readonly reason: string },
  state: PartnerUser,
): PartnerUserEvent[] => {
  if (state.status === 'removed') return []; // already carried out
  known(state);
  return [{ type: 'PartnerUserRemoved', data: { reason: command.reason } }];
};
