/**
 * Points given or taken by hand, by an operator who says why.
 */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { adjustPoints as decide, type AdjustedPoints } from '../../domain/account/adjust.js';
import { UserId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { defineCommand } from '../command.js';

const pointsMax = 1_000_000_000_000;

export const AdjustPointsInput = Type.Object(
  {
    userId: UserId,
    adjustmentId: Type.Optional(
      Type.String({
        pattern: '^[0-9A-Za-z_:-]{1,64}$',
        description: 'Unique for the customer; made of the idempotency key where it is left out',
      }),
    ),
    points: Type.Integer({
      minimum: -pointsMax,
      maximum: pointsMax,
      not: { const: 0 },
      description: 'Hundredths of a point, more or less than zero',
    }),
    reason: Type.String({ minLength: 1, maxLength: 500 }),
  },
  { additionalProperties: false, title: 'AdjustPoints' },
);

export const adjustPoints = defineCommand({
  name: 'AdjustPoints',
  summary: 'Gives or takes points by hand, with a reason.',
  input: AdjustPointsInput,
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: async (input, context, { directory, state, read, commandId }) => {
    const versioned = directory.rule(context.tenant);
    if (!versioned) throw rejected('programme-not-set');
    const adjustmentId = input.adjustmentId ?? commandId;
    const revision = state.adjustments.get(adjustmentId);
    const [fact] = revision === undefined ? [] : await read(revision, 1);
    const recorded = (fact?.data as AdjustedPoints | undefined) ?? null;
    return { adjustmentId, rule: versioned.rule, recorded };
  },
  decide: ({ points, reason }, state, { adjustmentId, rule, recorded }, { now }) =>
    decide({ adjustmentId, points, reason, at: now }, state, rule, recorded),
  answer: ({ events, input, found }) => {
    const adjusted = events.find((event) => event.type === 'PointsAdjusted');
    const data = adjusted?.data ?? found?.recorded;
    if (!data) throw new Error('an adjustment without its event');
    const { adjustmentId, points, reason, lot, lots } = data;
    return { userId: input.userId, adjustmentId, points, reason, lot, lots };
  },
});
