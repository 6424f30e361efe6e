/** Two customers and a programme: who brings, who is brought, and what both get. */
import { rewardReferral, takeBackReferral } from '../../../domain/account/referralReward.js';
import type { AccountEvent } from '../../../domain/account/events.js';
import type { UserId } from '../../../domain/ids.js';
import type { ReferralProgramme } from '../../../domain/referral/programme.js';
import { gsrn } from '../../../domain/gsrn.js';
import { type Decide, enrolled, noon, rule } from '../account/spec.js';

export const ann = '8018000010000000000000013' as UserId;
export const newcomer = (n: number): UserId => gsrn('8018000010', BigInt(100 + n));

export const programme: ReferralProgramme = {
  qualifies: { kind: 'firstPurchase', minimum: 2_000, withinDays: 30 },
  takeBackDays: 14,
  referrer: { kind: 'points', points: 500 },
  newcomer: { kind: 'points', points: 300, activationDelayDays: 7, lifetimeDays: 90 },
  limits: { total: 3, period: { most: 2, days: 10 } },
  contactRequired: false,
};

export const brought = (
  changes: Partial<Pick<ReferralProgramme, 'qualifies' | 'takeBackDays'>> = {},
): AccountEvent[] => {
  const { qualifies, takeBackDays } = { ...programme, ...changes };
  const data = { referrer: ann, version: 1, qualifies, takeBackDays };
  return [...enrolled, { type: 'CustomerReferred', data }];
};

interface Options {
  readonly at?: number;
  readonly programme?: Partial<ReferralProgramme>;
  readonly rule?: Partial<typeof rule>;
  readonly round?: number;
  readonly role?: 'referrer' | 'newcomer';
  readonly seriesOpen?: boolean;
}

export const reward =
  (n: number, options: Options = {}): Decide =>
  (account) =>
    rewardReferral(
      {
        role: options.role ?? 'referrer',
        other: newcomer(n),
        round: options.round ?? 1,
        at: options.at ?? noon,
      },
      account,
      { version: 1, programme: { ...programme, ...options.programme } },
      { ...rule, ...options.rule },
      () => (options.seriesOpen === false ? null : { validFrom: noon, validUntil: null }),
    );

export const takeBack =
  (n: number, options: Pick<Options, 'at' | 'round' | 'role'> = {}): Decide =>
  (account) =>
    takeBackReferral(
      {
        role: options.role ?? 'referrer',
        other: newcomer(n),
        round: options.round ?? 1,
        at: options.at ?? noon,
      },
      account,
    );
