/**
 * The routing rules of a programme: which providers may carry which messages, and how they share them. One list, set as a whole and numbered:
 * the first rule that fits a message decides, so that whoever reads the list knows what happens. Decisions name the version they
 * were made by.
 */
import { type Static, Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf } from '../event.js';
import { ProviderId, type TenantId } from '../ids.js';
import { Channel, MessageClass } from '../message/kinds.js';
import { Cost } from '../provider/events.js';
import { rejected } from '../rejected.js';
import { isSameData } from '../sameData.js';
import { streamName } from '../stream.js';

export const routingStream = (tenant: TenantId) => streamName('routing', tenant, 'rules');

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;

/** A decision tells of every provider that it looked at. */
export const candidatesMax = 20;
export const routingRulesMax = 200;

export const RoutingRule = Type.Object(
  {
    ruleId: Type.String({ pattern: '^[a-z][a-z0-9_]{0,79}$', examples: ['sms_kazakhstan'] }),
    channel: Channel,
    prefixes: optional(
      Type.Array(Type.String({ pattern: '^\\+[0-9]{1,15}$' }), {
        minItems: 1,
        maxItems: 200,
        uniqueItems: true,
        description: 'Of phone numbers, E.164; left out: every number',
        examples: [['+7701', '+7702']],
      }),
    ),
    domains: optional(
      Type.Array(Type.String({ pattern: '^[a-z0-9.-]{1,253}$' }), {
        minItems: 1,
        maxItems: 200,
        uniqueItems: true,
        description: 'Of e-mail addresses, each with what is below it; left out: every domain',
        examples: [['gmail.com']],
      }),
    ),
    classes: optional(
      Type.Array(MessageClass, {
        minItems: 1,
        maxItems: 4,
        uniqueItems: true,
        description: 'Left out: every class',
      }),
    ),
    by: Type.Union([Type.Literal('weight'), Type.Literal('cost'), Type.Literal('order')], {
      description:
        'weight: each gets its share; cost: the cheapest that can, the heavier of two; order: the first that can',
    }),
    providers: Type.Array(
      Type.Object(
        {
          providerId: ProviderId,
          weight: Type.Integer({
            minimum: 0,
            maximum: 1_000,
            description: 'Its share; with 0 it is taken only where no other can',
          }),
          cost: optional(Cost),
        },
        { ...closed, title: 'RoutedProvider' },
      ),
      { minItems: 1, maxItems: candidatesMax },
    ),
  },
  { ...closed, title: 'RoutingRule' },
);
export type RoutingRule = Static<typeof RoutingRule>;

// This name is the storage format: proof-read, version with care.
export const RoutingSet = event('RoutingSet', {
  /** From 1. */
  version: Type.Integer({ minimum: 1 }),
  rules: Type.Array(RoutingRule, { maxItems: routingRulesMax }),
});

export const routingEvents = [RoutingSet] as const;
export type RoutingEvent = EventOf<typeof RoutingSet>;

/** Version 0: nothing was set, and every provider of a channel takes its share. */
export interface RoutingRules {
  readonly version: number;
  readonly rules: readonly RoutingRule[];
}
export const noRouting: RoutingRules = { version: 0, rules: [] };

export const routing: Aggregate<RoutingRules, RoutingEvent> = {
  category: 'routing',
  initial: () => noRouting,
  evolve: (_state, { data }) => data,
};

/** @throws Rejected routing-changed where another version was set since the caller looked. */
export const setRouting = (
  command: { readonly rules: readonly RoutingRule[]; readonly expectedVersion?: number },
  state: RoutingRules,
): RoutingEvent[] => {
  const { rules, expectedVersion = state.version } = command;
  if (isSameData(state.rules, rules)) return []; // already so
  if (expectedVersion !== state.version) {
    throw rejected('routing-changed', { version: state.version });
  }
  return [{ type: 'RoutingSet', data: { version: state.version + 1, rules: [...rules] } }];
};
