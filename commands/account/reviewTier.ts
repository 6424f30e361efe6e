/**
 * Reviews a customer's tier when its period is over. Issued by the timer; every purchase reviews what is due by itself.
 */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { reviewTier as decide } from '../../domain/account/reviewTier.js';
import { UserId } from '../../domain/ids.js';
import { defineCommand } from '../command.js';

export const reviewTier = defineCommand({
  name: 'ReviewTier',
  summary: 'Keeps or lowers the tier of a customer whose period is over.',
  input: Type.Object({ userId: UserId }, { additionalProperties: false, title: 'ReviewTier' }),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: (_input, { tenant }, { directory }) => ({ scheme: directory.tiers.scheme(tenant) }),
  decide: (_input, state, { scheme }, { now }) => decide({ asOf: now }, state, scheme),
  answer: ({ input, state }) => ({ userId: input.userId, tier: state.progress.tier.level }),
});
