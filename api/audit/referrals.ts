/** /audit/v1/referrals/{userId}/why: how a newcomer came, and the recorded reasons of all that followed in both accounts. */
import { Type } from '@sinclair/typebox';
import { accountStream } from '../../domain/account/account.js';
import type { Fact } from '../../domain/fact.js';
import { type TenantId, UserId } from '../../domain/ids.js';
import type { ReferralRole } from '../../domain/referral/events.js';
import { wholeTenant } from '../admin/operatorCommand.js';
import { operatorsOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import type { History } from './history.js';
import { factsIn, Step, stepOf } from './why.js';

interface Told {
  readonly referrer?: UserId;
  readonly role?: ReferralRole;
  readonly other?: UserId;
  readonly cause?: string;
  readonly currency?: string;
}
const dataOf = ({ data }: Fact): Told => data as Told;

const decidesReferral = new Set(['CustomerReferred', 'ReferralQualified', 'ReferralDisqualified']);

/** Of the newcomer's account; and of the referrer's what is about this newcomer. Rewards have their names from here (rewardKey). */
const isAbout = (role: ReferralRole, other: UserId) => (fact: Fact) => {
  const { cause = '', ...told } = dataOf(fact);
  return (
    (told.role === role && told.other === other) || cause.startsWith(`referral.${role}.${other}.`)
  );
};

const referralFacts = async (history: History, tenant: TenantId, newcomer: UserId) => {
  let currency = '';
  const own = await factsIn(history, accountStream(tenant, newcomer), (fact) => {
    currency ||= dataOf(fact).currency ?? '';
    return (
      decidesReferral.has(fact.type) ||
      dataOf(fact).role === 'newcomer' ||
      (dataOf(fact).cause ?? '').startsWith('referral.newcomer.')
    );
  });
  const referrer = own.map(dataOf).find((told) => told.referrer !== undefined)?.referrer ?? null;
  const theirs =
    referrer === null
      ? []
      : await factsIn(history, accountStream(tenant, referrer), isAbout('referrer', newcomer));
  const facts = [...own, ...theirs].sort((a, b) => (a.position < b.position ? -1 : 1));
  return { referrer, facts, currency };
};

export const referralRoutes = ({ history }: { readonly history: History }): Route[] => [
  route({
    method: 'GET',
    path: '/audit/v1/referrals/{userId}/why',
    summary:
      'Explains a referral: who brought the customer, and what was decided for both, when and why.',
    description: 'The customer is the newcomer. Nobody brought them where `referrer` is null.',
    tags: ['Audit'],
    access: operatorsOnly('owner', 'manager', 'auditor', 'analyst'),
    params: { userId: UserId },
    response: Type.Object(
      {
        newcomer: UserId,
        referrer: Type.Union([UserId, Type.Null()]),
        steps: Type.Array(
          Type.Intersect([Type.Object({ account: UserId }), Step], {
            description: 'In the order of the log, of both accounts',
          }),
        ),
      },
      { title: 'WhyReferral' },
    ),
    problems: ['history-too-long'],
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const newcomer = request.params.userId;
      const { referrer, facts, currency } = await referralFacts(history, tenant, newcomer);
      const ownStream: string = accountStream(tenant, newcomer);
      const steps = facts.map((fact) => ({
        account: fact.stream === ownStream ? newcomer : (referrer as UserId),
        ...stepOf(fact, currency),
      }));
      return { body: { newcomer, referrer, steps } };
    },
  }),
];
