/**
 * Who may see a topic besides its owner: grants and revocations, kept as they were made, so that it can be told who could see what,
 * and when. A grant says whether it opens what was published before it; another takes its place.
 */
import { Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import { PartnerId, type TenantId, type TopicId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';

export const topicAccessStream = (tenant: TenantId, id: TopicId) =>
  streamName('topicAccess', tenant, id);

export const History = Type.Union([Type.Literal('all'), Type.Literal('sinceGrant')], {
  description: 'all: also what was published before the grant',
});
export type History = 'all' | 'sinceGrant';

// These names are the storage format: proof-read, version with care.
export const TopicAccessGranted = event('TopicAccessGranted', {
  partnerId: PartnerId,
  history: History,
});
export const TopicAccessRevoked = event('TopicAccessRevoked', {
  partnerId: PartnerId,
  reason: Type.String({ maxLength: 500 }),
});

export const topicAccessEvents = [TopicAccessGranted, TopicAccessRevoked] as const;
export type TopicAccessEvent = EventOf<(typeof topicAccessEvents)[number]>;

/** From when to when a partner could see a topic; times in milliseconds since the epoch. */
export interface Grant {
  readonly partnerId: PartnerId;
  readonly history: History;
  readonly since: number;
  /** Null: it holds. */
  readonly until: number | null;
}

/** In the order in which they were made. */
export interface TopicAccess {
  readonly grants: readonly Grant[];
}

const partnersMax = 1_000;

const holds = ({ until }: Grant): boolean => until === null;

const standing = ({ grants }: TopicAccess, partnerId: PartnerId): Grant | undefined =>
  grants.find((grant) => grant.partnerId === partnerId && holds(grant));

const ended = (access: TopicAccess, partnerId: PartnerId, until: number): readonly Grant[] =>
  access.grants.map((grant) =>
    grant.partnerId === partnerId && holds(grant) ? { ...grant, until } : grant,
  );

/** @param at of the event, milliseconds since the epoch. */
export const applyAccess = (
  access: TopicAccess,
  event: TopicAccessEvent,
  at: number,
): TopicAccess => {
  switch (event.type) {
    case 'TopicAccessGranted': {
      const { partnerId, history } = event.data;
      const grants = ended(access, partnerId, at);
      return { grants: [...grants, { partnerId, history, since: at, until: null }] };
    }
    case 'TopicAccessRevoked':
      return { grants: ended(access, event.data.partnerId, at) };
    default:
      return unreachable(event);
  }
};

export const noAccess: TopicAccess = { grants: [] };

export const topicAccess: Aggregate<TopicAccess, TopicAccessEvent> = {
  category: 'topicAccess',
  initial: () => noAccess,
  evolve: (state, event) => applyAccess(state, event, event.occurredAt),
};

export const grantAccess = (
  command: EventOf<typeof TopicAccessGranted>['data'],
  state: TopicAccess,
): TopicAccessEvent[] => {
  const { partnerId, history } = command;
  if (standing(state, partnerId)?.history === history) return []; // already carried out
  if (state.grants.filter(holds).length >= partnersMax) {
    throw rejected('too-many-grants', { most: partnersMax });
  }
  return [{ type: 'TopicAccessGranted', data: command }];
};

export const revokeAccess = (
  command: EventOf<typeof TopicAccessRevoked>['data'],
  state: TopicAccess,
): TopicAccessEvent[] => {
  if (!standing(state, command.partnerId)) return []; // there is none, or it was carried out
  return [{ type: 'TopicAccessRevoked', data: command }];
};

const wasInForce = ({ since, until }: Grant, at: number): boolean =>
  since <= at && (until === null || at < until);

/**
 * The partners that could see at the time `at` what was published at `publishedAt`, without the owner, who always can. A
 * publication can be seen by whoever holds a grant at that time which opens it.
 */
export const couldSee = ({ grants }: TopicAccess, publishedAt: number, at: number): PartnerId[] => {
  const seeing = grants.filter(
    (grant) => wasInForce(grant, at) && (grant.history === 'all' || grant.since <= publishedAt),
  );
  return [...new Set(seeing.map(({ partnerId }) => partnerId))];
};

/** The grant under which a partner could see a topic at the time `at`; null: it could not. */
export const grantAt = ({ grants }: TopicAccess, partnerId: PartnerId, at: number): Grant | null =>
  grants.find((grant) => grant.partnerId === partnerId && wasInForce(grant, at)) ?? null;
