/**
 * Rewards both sides of a referral once the newcomer has qualified, and takes both rewards back where that was undone.
 *
 * At least once, in the order of the log: every command has a key made of the fact it answers, and an account is rewarded once for
 * each qualification, so a repeat does nothing. It follows nothing but qualifications, which the newcomer's account decides with the
 * purchase: receipts are not sent to it.
 */
import { rewardReferral, takeBackReferral } from '../commands/referral/reward.js';
import type { Fact } from '../domain/fact.js';
import type { UserId } from '../domain/ids.js';
import type { ReferralEvent } from '../domain/referral/events.js';
import { parseStreamName } from '../domain/stream.js';
import {
  answering,
  type AnsweringOptions,
  type AnsweringWorker,
  createAnswering,
} from './answering.js';

const name = 'referrals';

type Watched = Extract<ReferralEvent, { type: 'ReferralQualified' | 'ReferralDisqualified' }>;
const eventTypes = [
  'ReferralQualified',
  'ReferralDisqualified',
] as const satisfies readonly Watched['type'][];

export const createReferralsWorker = (options: AnsweringOptions): AnsweringWorker => {
  const { handler } = options;
  const contextOf = answering(name, options.now);

  const react = async (fact: Fact): Promise<void> => {
    const event = { type: fact.type, data: fact.data } as Watched;
    const newcomer = (parseStreamName(fact.stream)?.id ?? '') as UserId;
    const { referrer, round, version } = event.data;
    const context = contextOf(fact);
    const sides = [
      { userId: referrer, role: 'referrer', other: newcomer, round },
      { userId: newcomer, role: 'newcomer', other: referrer, round },
    ] as const;
    for (const side of sides) {
      if (event.type === 'ReferralQualified') {
        await handler.handle(rewardReferral, { ...side, version }, context);
      } else {
        await handler.handle(takeBackReferral, side, context);
      }
    }
  };

  return createAnswering(options, { name, eventTypes, react });
};
