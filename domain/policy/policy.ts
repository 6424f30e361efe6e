/**
 * A rule that turns what happened to a customer into a message. Invariant: versions count from 1 without a gap; a fact becomes at most one
 * message by each policy, however often the policy changes (the key of the message is made of the policy's id and the fact's).
 */
import { type Static, Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import { StrategyId, TemplateId, type TenantId } from '../ids.js';
import { Channel, MessageClass } from '../message/kinds.js';
import { rejected } from '../rejected.js';
import { isSameData } from '../sameData.js';
import { streamName } from '../stream.js';
import { TimeOfDay } from '../consent/rules.js';
import { TierName } from '../tier/scheme.js';

export type PolicyId = string;
export const PolicyId = Type.String({
  pattern: '^[a-z][a-z0-9_]{1,63}$',
  description: 'A rule that makes messages of facts',
  examples: ['points_expire_soon'],
});

export const policyStream = (tenant: TenantId, id: PolicyId) => streamName('policy', tenant, id);

const closed = { additionalProperties: false } as const;

export const Trigger = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('pointsExpire'),
      daysBefore: Type.Integer({ minimum: 1, maximum: 90 }),
      pointsMin: Type.Optional(
        Type.Integer({ minimum: 1, description: 'Hundredths; fewer are not worth a word' }),
      ),
    },
    { ...closed, title: 'PointsExpire' },
  ),
  Type.Object(
    {
      kind: Type.Literal('couponGranted'),
      seriesId: Type.Optional(Type.String({ maxLength: 64, description: 'Left out: of any' })),
    },
    { ...closed, title: 'CouponGranted' },
  ),
  Type.Object(
    {
      kind: Type.Literal('tierReached'),
      tier: Type.Optional(TierName),
    },
    { ...closed, title: 'TierReached' },
  ),
  Type.Object(
    {
      kind: Type.Literal('birthday'),
      daysBefore: Type.Integer({ minimum: 0, maximum: 30 }),
    },
    { ...closed, title: 'Birthday' },
  ),
  Type.Object(
    {
      kind: Type.Literal('purchase'),
      totalMin: Type.Optional(Type.Integer({ minimum: 0, description: 'Minor units' })),
    },
    { ...closed, title: 'Purchase' },
  ),
]);
export type Trigger = Static<typeof Trigger>;
export type TriggerKind = Trigger['kind'];

/** What a fact of each kind tells; a template takes of it what it declares. */
export const toldBy = {
  pointsExpire: ['points', 'due'],
  couponGranted: ['couponId', 'series', 'validFrom', 'validUntil'],
  tierReached: ['tier', 'previous', 'until'],
  birthday: ['day'],
  purchase: [
    ...['purchaseId', 'total', 'toPay', 'pointsEarned', 'pointsRedeemed', 'balance'],
    ...['merchant', 'shop', 'purchasedAt'],
  ],
} as const satisfies Record<TriggerKind, readonly string[]>;
export type ToldBy<Kind extends TriggerKind> = Readonly<
  Record<(typeof toldBy)[Kind][number], unknown>
>;

export const PolicyContent = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, examples: ['Points expire in a week'] }),
    enabled: Type.Boolean(),
    trigger: Trigger,
    class: MessageClass,
    template: Type.Object(
      {
        templateId: TemplateId,
        version: Type.Optional(
          Type.Integer({ minimum: 1, description: 'Left out: the newest at the time' }),
        ),
      },
      closed,
    ),
    via: Type.Union(
      [
        Type.Object({ strategyId: StrategyId }, { ...closed, title: 'ByStrategy' }),
        Type.Object({ channel: Channel }, { ...closed, title: 'ByChannel' }),
      ],
      { description: 'A strategy in its newest version, or one channel' },
    ),
    at: Type.Optional({
      ...TimeOfDay,
      description: "Not before this time of the programme's day; left out: at once",
    }),
    campaign: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
    params: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[a-z][A-Za-z0-9_]{0,63}$' }),
        Type.Union([Type.String({ maxLength: 500 }), Type.Number(), Type.Boolean()]),
        { maxProperties: 20, description: 'Variables of the template that no fact gives' },
      ),
    ),
  },
  { ...closed, title: 'PolicyContent' },
);
export type PolicyContent = Static<typeof PolicyContent>;

// These names are the storage format: proof-read, version with care.
export const OutreachPolicySet = event('OutreachPolicySet', {
  policyId: PolicyId,
  version: Type.Integer({ minimum: 1 }),
  content: PolicyContent,
});

export const policyEvents = [OutreachPolicySet] as const;
export type PolicyEvent = EventOf<(typeof policyEvents)[number]>;

export const policiesMax = 100;

export type Policy =
  | { readonly status: 'unset' }
  | { readonly status: 'set'; readonly version: number; readonly content: PolicyContent };

export const policy: Aggregate<Policy, PolicyEvent> = {
  category: 'policy',
  initial: () => ({ status: 'unset' }),
  evolve: (_state, event) => {
    switch (event.type) {
      case 'OutreachPolicySet': {
        const { version, content } = event.data;
        return { status: 'set', version, content };
      }
      default:
        return unreachable(event.type);
    }
  },
};

/** `others`: policies of the tenant besides this one. @throws Rejected policy-wrong, too-many-policies */
export const setPolicy = (
  command: {
    readonly policyId: PolicyId;
    readonly content: PolicyContent;
    readonly others: number;
  },
  state: Policy,
): PolicyEvent[] => {
  const { policyId, content, others } = command;
  if (content.class === 'otp') {
    const reason = 'a password for one time is never made of a fact: choose another class';
    throw rejected('policy-wrong', { faults: [{ pointer: '/class', reason }] });
  }
  if (state.status === 'set' && isSameData(state.content, content)) {
    return []; // already carried out
  }
  if (state.status === 'unset' && others >= policiesMax) {
    throw rejected('too-many-policies', { most: policiesMax });
  }
  const version = state.status === 'set' ? state.version + 1 : 1;
  return [{ type: 'OutreachPolicySet', data: { policyId, version, content } }];
};
