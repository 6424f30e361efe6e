/**
 * /pos/v1/users/{userId}/referral: the code by which a customer brings others, and what that brings. It comes from the account itself and
 * the programme in memory, so an app may ask as often as it is opened.
 */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { UserId } from '../../domain/ids.js';
import { ReferralProgramme } from '../../domain/referral/programme.js';
import { rejected } from '../../domain/rejected.js';
import { tillsAnd } from '../auth/access.js';
import { route, type Route } from '../route.js';
import type { PosServices } from './services.js';

const { qualifies, referrer, newcomer } = ReferralProgramme.properties;
const Count = Type.Integer({ minimum: 0 });

const Referral = Type.Object(
  {
    userId: UserId,
    referralCode: Type.String({
      description: 'To be shown and passed on: whoever enrols with it is brought by this customer',
      examples: ['7QK3-MZ5T-0H8C-V2RN'],
    }),
    programme: Type.Union([Type.Object({ qualifies, referrer, newcomer }), Type.Null()], {
      description: 'What it brings both sides; null while nobody is taken',
    }),
    rewarded: Type.Object(
      { total: Count, left: Count },
      {
        description:
          'For how many this customer was rewarded, and may still be; taken back ones do not count',
      },
    ),
    broughtBy: Type.Union(
      [Type.Object({ referrer: UserId, qualified: Type.Boolean() }), Type.Null()],
      { description: 'Who brought this customer' },
    ),
  },
  { title: 'Referral' },
);

export const referralRoutes = ({ handler }: PosServices): readonly Route[] => [
  route({
    method: 'GET',
    path: '/pos/v1/users/{userId}/referral',
    summary: 'The code by which a customer brings others, and what that brings',
    description:
      'The code is made from the number of the customer under a key of the programme: it is the same for ever and tells nothing.',
    tags: ['Users'],
    access: tillsAnd('owner', 'manager', 'analyst', 'auditor', 'cashier'),
    params: { userId: UserId },
    response: Referral,
    problems: ['account-not-found', 'account-closed'],
    handle: async ({ caller, params: { userId } }) => {
      const { tenant } = caller;
      const { status, referrals } = await handler.state(accountStream(tenant, userId), account);
      if (status === 'unknown') throw rejected('account-not-found', { userId });
      if (status !== 'open') throw rejected('account-closed', { userId });
      const found = handler.directory.referrals.programme(tenant);
      const programme = found?.open === true ? found.programme : null;
      const total = [...referrals.rewards.values()].filter(
        ({ role, outcome }) => role === 'referrer' && outcome === 'given',
      ).length;
      const { own } = referrals;
      return {
        body: {
          userId,
          referralCode: (await handler.directory.referrals.codes(tenant)).codeOf(userId),
          programme: programme && {
            qualifies: programme.qualifies,
            referrer: programme.referrer,
            newcomer: programme.newcomer,
          },
          rewarded: { total, left: Math.max(0, (programme?.limits.total ?? 0) - total) },
          broughtBy: own && { referrer: own.referrer, qualified: own.qualified !== null },
        },
      };
    },
  }),
];
