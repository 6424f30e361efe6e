/**
 * Rewards both sides of a referral once the newcomer has qualified, and takes both rewards back where that was undone.
 *
 * At least once, in the order of the log: every command has a key made of the fact it answers, and an account is rewarded once for
 * each qualification, so a repeat does nothing. It follows nothing but qualifications, which the newcomer's account decides with the
 * purchase: receipts are not sent to it.
 */
import type { CommandContext } from '../commands/command.js';
import type { Handler } from '../commands/handle.js';
import { rewardReferral, takeBackReferral } from '../commands/referral/reward.js';
import type { Fact } from '../domain/fact.js';
import type { UserId } from '../domain/ids.js';
import type { ReferralEvent } from '../domain/referral/events.js';
import { parseStreamName } from '../domain/stream.js';
import type { Feed } from '../projections/feed.js';
import type { Checkpoints } from './checkpoints.js';
import { createFollowing } from './following.js';
import { carryOut } from './persevere.js';

const name = 'referrals';

type Watched = Extract<ReferralEvent, { type: 'ReferralQualified' | 'ReferralDisqualified' }>;
const eventTypes = [
  'ReferralQualified',
  'ReferralDisqualified',
] as const satisfies readonly Watched['type'][];

export interface ReferralsWorker {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export const createReferralsWorker = (options: {
  readonly feed: Feed;
  readonly handler: Handler;
  readonly checkpoints: Checkpoints;
  readonly now: () => number;
  /** The log or the database did not answer: it is tried again. */
  readonly onFailed: (error: unknown) => void;
}): ReferralsWorker => {
  const { feed, handler, now, onFailed } = options;

  const react = async (fact: Fact): Promise<void> => {
    const event = { type: fact.type, data: fact.data } as Watched;
    const newcomer = (parseStreamName(fact.stream)?.id ?? '') as UserId;
    const { referrer, round, version } = event.data;
    const { tenant, correlationId } = fact.metadata;
    const context: CommandContext = {
      ...{ tenant, now: now(), correlationId, causationId: fact.id },
      actor: { kind: 'worker', id: name },
      idempotencyKey: `${name} ${fact.id}`,
    };
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

  const { run } = createFollowing({
    ...{ name, feed, checkpoints: options.checkpoints, now, onFailed, eventTypes },
    take: (fact, signal) => carryOut(() => react(fact), signal, onFailed),
  });
  return { run };
};
