/** Sets the referral programme, or ends it. Newcomers who are on the way keep the version they came under. */
import { Type } from '@sinclair/typebox';
import {
  endReferralProgramme as end,
  ReferralProgramme,
  referrals,
  referralsStream,
  setReferralProgramme as set,
} from '../../domain/referral/programme.js';
import { rejected } from '../../domain/rejected.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

const closed = { additionalProperties: false } as const;

export const setReferralProgramme = defineCommand({
  name: 'SetReferralProgramme',
  summary: 'Sets what referring a customer brings both sides, when, and how often.',
  input: Type.Object(
    { programme: ReferralProgramme },
    { ...closed, title: 'SetReferralProgramme' },
  ),
  aggregate: referrals,
  stream: (_input, context) => referralsStream(context.tenant),
  lookUp: ({ programme }, { tenant }, { directory }) => {
    presentTenant(directory, tenant);
    // Points are given under the rule of the programme.
    if (!directory.rule(tenant)) throw rejected('programme-not-set');
    for (const reward of [programme.referrer, programme.newcomer]) {
      if (reward?.kind !== 'coupon') continue;
      const series = directory.coupons.series(tenant, reward.series);
      if (!series) throw rejected('series-not-found', { seriesId: reward.series });
      const { kind, seriesId, status } = series;
      if (kind !== 'personal') throw rejected('series-kind-wrong', { seriesId, kind });
      if (status === 'closed') throw rejected('series-closed', { seriesId });
    }
  },
  decide: (input, state) => set(input, state),
  answer: ({ events, state, input }) => {
    const [recorded] = events;
    const version = recorded?.data.version ?? (state.status === 'unset' ? 1 : state.version);
    return { version, programme: input.programme, open: true };
  },
});

export const endReferralProgramme = defineCommand({
  name: 'EndReferralProgramme',
  summary: 'Takes no more newcomers; those on the way are rewarded still.',
  input: Type.Object(
    { reason: Type.String({ minLength: 1, maxLength: 500 }) },
    { ...closed, title: 'EndReferralProgramme' },
  ),
  aggregate: referrals,
  stream: (_input, context) => referralsStream(context.tenant),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: (input, state) => end(input, state),
  answer: ({ state }) => ({ version: state.status === 'unset' ? 1 : state.version, open: false }),
});
