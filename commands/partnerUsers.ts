/**
 * The people of every partner as requests look them up: whether they are still let in, in which session, with which roles. A part
 * of the directory. Nothing in it says who they are; that is sealed (commands/partnerUser/person.ts).
 */
import { type EventOf } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import type { PartnerId, PartnerUserId, TenantId } from '../domain/ids.js';
import {
  evolvePartnerUser,
  type KnownUser,
  type PartnerUserEvent,
  partnerUserEvents,
  type PartnerUserInvited,
} from '../domain/partnerUser/partnerUser.js';
import { parseStreamName } from '../domain/stream.js';
import type { DirectoryPart } from './directoryPart.js';
import { createShelves } from './shelves.js';

export type PartnerUserRecord = KnownUser & {
  /** Milliseconds since the epoch. */
  readonly invitedAt: number;
};

export interface PartnerUsers extends DirectoryPart {
  /** Undefined where nobody was invited under the id, or whoever was is removed. */
  user(tenant: TenantId, id: PartnerUserId): PartnerUserRecord | undefined;
  usersOf(tenant: TenantId, partnerId: PartnerId): readonly PartnerUserRecord[];
}

interface Entry {
  readonly state: ReturnType<typeof evolvePartnerUser>;
  readonly invitedAt: number;
}

const shown = (entry: Entry | undefined): PartnerUserRecord | undefined =>
  entry?.state.status === 'known' ? { ...entry.state, invitedAt: entry.invitedAt } : undefined;

export const createPartnerUsers = (): PartnerUsers => {
  const shelves = createShelves(() => new Map<PartnerUserId, Entry>());
  return {
    eventTypes: new Set(partnerUserEvents.map(({ type }) => type)),
    apply: (fact) => {
      const { tenant, occurredAt } = fact.metadata;
      const shelf = shelves.of(tenant);
      const id = parseStreamName(fact.stream)?.id as PartnerUserId;
      const before = shelf.get(id);
      const state = evolvePartnerUser(before?.state ?? { status: 'unknown' }, eventOf(fact));
      const invited = fact.type === ('PartnerUserInvited' satisfies InvitedType);
      const invitedAt = invited ? Date.parse(occurredAt) : (before?.invitedAt ?? 0);
      shelf.set(id, { state, invitedAt });
    },
    user: (tenant, id) => shown(shelves.at(tenant).get(id)),
    usersOf: (tenant, partnerId) =>
      [...shelves.at(tenant).values()].flatMap((entry) => {
        const user = shown(entry);
        return user?.partnerId === partnerId ? [user] : [];
      }),
  };
};

type InvitedType = EventOf<typeof PartnerUserInvited>['type'];
const eventOf = ({ type, data }: Fact): PartnerUserEvent => ({ type, data }) as PartnerUserEvent;
