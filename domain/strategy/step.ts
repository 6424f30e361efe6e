/**
 * One step of a cascade: a channel, how long to wait for what, and when to leave it out. Messages carry their steps as they were when they
 * were accepted, so a strategy can change while they are on their way.
 */
import { type Static, Type } from '@sinclair/typebox';
import { ProviderId, TemplateId } from '../ids.js';
import { addressKinds, Channel, MessageClass, Milestone } from '../message/kinds.js';

const closed = { additionalProperties: false } as const;

/** All of a step's conditions must hold; `not` turns one around. */
export const StepCondition = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('has'),
      address: Type.Union(addressKinds.map((kind) => Type.Literal(kind))),
      not: Type.Optional(Type.Boolean()),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('class'),
      in: Type.Array(MessageClass, { minItems: 1, maxItems: 4, uniqueItems: true }),
      not: Type.Optional(Type.Boolean()),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('variable'),
      name: Type.String({ minLength: 1, maxLength: 64 }),
      equals: Type.Union([Type.String({ maxLength: 200 }), Type.Number(), Type.Boolean()]),
      not: Type.Optional(Type.Boolean()),
    },
    closed,
  ),
]);
export type StepCondition = Static<typeof StepCondition>;

export const stepsMax = 8;

export const Step = Type.Object(
  {
    channel: Channel,
    until: Milestone,
    waitSeconds: Type.Integer({
      minimum: 10,
      maximum: 259_200,
      description: 'For the milestone, from when the step began; then the next step has its turn',
    }),
    /** Only this one; left out: the routing rules choose. */
    providerId: Type.Optional(ProviderId),
    /** Says it on this channel instead of the message's own template. */
    template: Type.Optional(
      Type.Object({ templateId: TemplateId, version: Type.Integer({ minimum: 1 }) }, closed),
    ),
    when: Type.Optional(Type.Array(StepCondition, { minItems: 1, maxItems: 5 })),
  },
  closed,
);
export type Step = Static<typeof Step>;
