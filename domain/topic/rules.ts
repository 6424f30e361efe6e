/**
 * What holds for everything that is published on a topic, unless the publication says otherwise: how long it is shown and which of
 * its data are personal (the owner says so), and how much of it there may be (the operators do).
 */
import { Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import type { TenantId, TopicId } from '../ids.js';
import { JsonPointer } from '../publication/pointer.js';
import { streamName } from '../stream.js';

export const topicRulesStream = (tenant: TenantId, id: TopicId) =>
  streamName('topicRules', tenant, id);

const Nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(
  schema: Schema,
  description: string,
) => Type.Union([schema, Type.Null()], { description });

export const pointersMax = 20;
const yearSeconds = 31_622_400;

export const PersonalParts = Type.Object(
  {
    subject: JsonPointer,
    pointers: Type.Array(JsonPointer, { minItems: 1, maxItems: pointersMax, uniqueItems: true }),
  },
  { additionalProperties: false },
);

/** Events a second; whole, at least 1. */
export const EventsPerSecond = Type.Integer({ minimum: 1, maximum: 1_000_000 });

// These names are the storage format: proof-read, version with care.
export const TopicHandlingSet = event('TopicHandlingSet', {
  timeToLiveSeconds: Nullable(
    Type.Integer({ minimum: 1, maximum: 10 * yearSeconds }),
    'How long an event is shown that does not say so itself; null: for ever',
  ),
  personal: Nullable(
    PersonalParts,
    'Where the data name the person, and which of them are personal; null: nothing is, unless the event says so',
  ),
});
export const TopicLimitsSet = event('TopicLimitsSet', {
  eventsPerSecond: Nullable(EventsPerSecond, 'On the topic; null: as many as come'),
  eventBytesMax: Nullable(
    Type.Integer({ minimum: 100, maximum: 1_000_000 }),
    'Of one event as JSON; null: as much as a request takes',
  ),
});

export const topicRulesEvents = [TopicHandlingSet, TopicLimitsSet] as const;
export type TopicRulesEvent = EventOf<(typeof topicRulesEvents)[number]>;
export type TopicHandling = EventOf<typeof TopicHandlingSet>['data'];
export type TopicLimits = EventOf<typeof TopicLimitsSet>['data'];

export interface TopicRules {
  readonly handling: TopicHandling;
  readonly limits: TopicLimits;
}

export const noRules: TopicRules = {
  handling: { timeToLiveSeconds: null, personal: null },
  limits: { eventsPerSecond: null, eventBytesMax: null },
};

export const applyRules = (rules: TopicRules, event: TopicRulesEvent): TopicRules => {
  switch (event.type) {
    case 'TopicHandlingSet':
      return { ...rules, handling: event.data };
    case 'TopicLimitsSet':
      return { ...rules, limits: event.data };
    default:
      return unreachable(event);
  }
};

export const topicRules: Aggregate<TopicRules, TopicRulesEvent> = {
  category: 'topicRules',
  initial: () => noRules,
  evolve: applyRules,
};

const isSame = (one: object, other: object): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

export const setHandling = (
  { timeToLiveSeconds, personal }: TopicHandling,
  { handling }: TopicRules,
): TopicRulesEvent[] => {
  const data: TopicHandling = {
    timeToLiveSeconds,
    personal: personal && { subject: personal.subject, pointers: personal.pointers },
  };
  return isSame(data, handling) ? [] : [{ type: 'TopicHandlingSet', data }];
};

export const setLimits = (
  { eventsPerSecond, eventBytesMax }: TopicLimits,
  { limits }: TopicRules,
): TopicRulesEvent[] => {
  const data: TopicLimits = { eventsPerSecond, eventBytesMax };
  return isSame(data, limits) ? [] : [{ type: 'TopicLimitsSet', data }];
};
