/** Gives one side of a referral its reward, or takes it back. Issued by a worker, never by a till. */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import {
  rewardReferral as reward,
  takeBackReferral as takeBack,
} from '../../domain/account/referralReward.js';
import { UserId } from '../../domain/ids.js';
import { ReferralRewarded } from '../../domain/referral/events.js';
import { rewardKey } from '../../domain/referral/progress.js';
import { defineCommand } from '../command.js';
import { grantValidity } from '../coupon/shown.js';

const { role, other, round, version } = ReferralRewarded.schema.properties;
const closed = { additionalProperties: false } as const;

export const rewardReferral = defineCommand({
  name: 'RewardReferral',
  summary: 'Rewards one side of a referral that was earned.',
  input: Type.Object({ userId: UserId, role, other, round, version }, closed),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: (input, { tenant, now }, { directory }) => {
    const programme = directory.referrals.version(tenant, input.version);
    const rule = directory.rule(tenant)?.rule;
    // There was one where the newcomer enrolled: this process is behind, and a reward must not be lost for that.
    if (!programme || !rule) throw new Error('The directory has not come so far yet.');
    const validityOf = (series: string) => grantValidity(directory.coupons, tenant, series, now);
    return { programme, rule, validityOf };
  },
  decide: (input, state, { programme, rule, validityOf }, { now }) =>
    reward({ ...input, at: now }, state, programme, rule, validityOf),
  answer: ({ input, state }) => state.referrals.rewards.get(rewardKey(input)) ?? null,
});

export const takeBackReferral = defineCommand({
  name: 'TakeBackReferral',
  summary: 'Takes back what one side of a referral was given.',
  input: Type.Object({ userId: UserId, role, other, round }, closed),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: () => undefined,
  decide: (input, state, _found, { now }) => takeBack({ ...input, at: now }, state),
  answer: ({ input, state }) => state.referrals.rewards.get(rewardKey(input)) ?? null,
});
