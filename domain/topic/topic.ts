/**
 * A topic: the channel on which one partner publishes. Invariant: it belongs to its owner for life, and once it is archived nothing
 * is published on it any more; what was published stays, and so does who could see it (access.ts).
 */
import { Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import { PartnerId, type TenantId, TopicId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';

export const topicStream = (tenant: TenantId, id: TopicId) => streamName('topic', tenant, id);

export type Classification = 'open' | 'confidential' | 'personal';
/** How careful receivers have to be with it. */
export const Classification = Type.Union(
  [Type.Literal('open'), Type.Literal('confidential'), Type.Literal('personal')],
  { description: 'open: for every receiver; confidential: business secrets; personal: of people' },
);

const described = {
  name: Type.String({ minLength: 1, maxLength: 200, examples: ['Cars chosen'] }),
  description: Type.String({ maxLength: 2_000, examples: ['A customer chose a car on our site.'] }),
  classification: Classification,
};

// These names are the storage format: proof-read, version with care.
export const TopicCreated = event('TopicCreated', {
  topicId: TopicId,
  owner: PartnerId,
  ...described,
});
export const TopicDescribed = event('TopicDescribed', described);
export const TopicArchived = event('TopicArchived', { reason: Type.String({ maxLength: 500 }) });

export const topicEvents = [TopicCreated, TopicDescribed, TopicArchived] as const;
export type TopicEvent = EventOf<(typeof topicEvents)[number]>;
type Creation = EventOf<typeof TopicCreated>['data'];
type Description = EventOf<typeof TopicDescribed>['data'];

export type Topic =
  | { readonly status: 'unknown' }
  | { readonly status: 'active' | 'archived'; readonly about: Creation };

export const topic: Aggregate<Topic, TopicEvent> = {
  category: 'topic',
  initial: () => ({ status: 'unknown' }),
  evolve: (state, event) => {
    if (event.type === 'TopicCreated') return { status: 'active', about: event.data };
    if (state.status === 'unknown') return state;
    switch (event.type) {
      case 'TopicDescribed':
        return { ...state, about: { ...state.about, ...event.data } };
      case 'TopicArchived':
        return { ...state, status: 'archived' };
      default:
        return unreachable(event);
    }
  },
};

const isSame = (one: Description, other: Description): boolean =>
  one.name === other.name &&
  one.description === other.description &&
  one.classification === other.classification;

export const createTopic = (command: Creation, state: Topic): TopicEvent[] => {
  if (state.status === 'unknown') return [{ type: 'TopicCreated', data: command }];
  if (state.about.owner === command.owner && isSame(state.about, command)) return []; // already carried out
  throw rejected('already-registered', { topicId: command.topicId });
};

export const describeTopic = (command: Description, state: Topic): TopicEvent[] => {
  if (state.status === 'unknown') throw rejected('topic-not-found');
  if (state.status === 'archived') throw rejected('topic-archived');
  if (isSame(state.about, command)) return []; // already carried out
  return [{ type: 'TopicDescribed', data: command }];
};

export const archiveTopic = (
  command: EventOf<typeof TopicArchived>['data'],
  state: Topic,
): TopicEvent[] => {
  if (state.status === 'unknown') throw rejected('topic-not-found');
  if (state.status === 'archived') return []; // already carried out
  return [{ type: 'TopicArchived', data: command }];
};
