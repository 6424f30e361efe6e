/** A household as it is shown, and what is shown of a person to whom. */
import { type Static, Type } from '@sinclair/typebox';
import { type PersonalData, personSubject } from '../../commands/personalData.js';
import { CardNumber, MemberId, type UserId } from '../../domain/ids.js';
import type { Role } from '../../domain/operator/operator.js';
import type { Caller } from '../auth/caller.js';
import { Instant, instantOf } from '../wire.js';
import type { CardView, CustomerView, HouseholdView, MemberView } from './queries.js';
import type { PosServices } from './services.js';

export const Person = Type.Object(
  {
    name: Type.Optional(Type.String()),
    phone: Type.Optional(Type.String({ description: 'E.164' })),
    email: Type.Optional(Type.String()),
    birthDate: Type.Optional(Type.String({ format: 'date' })),
  },
  { description: 'What the customer told; not shown in lists, nor to analysts and auditors' },
);

const orNull = Type.Union([Instant, Type.Null()]);
const Member = Type.Object(
  {
    memberId: MemberId,
    status: Type.Union([Type.Literal('present'), Type.Literal('removed'), Type.Literal('erased')], {
      description: 'Whether they are on the account, have left it, or were forgotten',
    }),
    role: Type.Union([Type.Literal('head'), Type.Literal('member')]),
    mayRedeem: Type.Boolean({ description: 'Whether they may pay with the points of the account' }),
    joinedAt: Instant,
    leftAt: orNull,
    erasedAt: orNull,
    cards: Type.Array(Type.Object({ cardNumber: CardNumber, status: Type.String() })),
    person: Type.Optional(Person),
  },
  { title: 'Member' },
);

export const Household = Type.Object(
  {
    head: MemberId,
    redeemers: Type.Union([Type.Array(MemberId), Type.Null()], {
      description: 'Who may pay with points besides the head; null: everybody',
    }),
    members: Type.Array(Member),
  },
  { title: 'Household' },
);

const served: readonly Role[] = ['owner', 'manager', 'cashier'];
export const maySeePerson = (caller: Caller): boolean =>
  caller.kind === 'till' ||
  (caller.kind === 'operator' && caller.roles.some((role) => served.includes(role)));

/** Undefined to those who may not see it, and where the person was erased. */
export const personShown = async (
  personalData: PersonalData,
  caller: Caller,
  userId: UserId,
  { memberId, person }: Pick<MemberView, 'memberId' | 'person'>,
): Promise<Static<typeof Person> | undefined> => {
  if (!maySeePerson(caller) || person === null) return undefined;
  const subject = personSubject(userId, memberId as MemberId);
  return (await personalData.open(caller.tenant, subject, person)) ?? undefined;
};

/** Of one person, where no second one ever joined. */
const householdOfOne = (customer: CustomerView): HouseholdView => ({
  head: 1,
  redeemers: null,
  members: [
    {
      memberId: 1,
      status: customer.status === 'erased' ? 'erased' : 'present',
      person: customer.person,
      phoneHash: customer.phoneHash,
      emailHash: customer.emailHash,
      joinedAt: customer.enrolledAt,
      leftAt: null,
      erasedAt: customer.erasedAt,
    },
  ],
});

const instantOrNull = (at: number | null) => (at === null ? null : instantOf(at));

export const householdShown = async (
  { queries, personalData }: Pick<PosServices, 'queries' | 'personalData'>,
  caller: Caller,
  customer: CustomerView,
): Promise<Static<typeof Household>> => {
  const userId = customer.userId as UserId;
  const [found, cards] = await Promise.all([
    queries.household(caller.tenant, userId),
    queries.cardsOf(caller.tenant, userId),
  ]);
  return showHousehold(personalData, caller, userId, found ?? householdOfOne(customer), cards);
};

export const showHousehold = async (
  personalData: PersonalData,
  caller: Caller,
  userId: UserId,
  { head, redeemers, members }: HouseholdView,
  cards: readonly CardView[],
): Promise<Static<typeof Household>> => {
  const shown = members.map(async (member) => {
    const { memberId, status } = member;
    const theirs = cards.filter((card) => (card.memberId ?? 1) === memberId);
    const mayRedeem = memberId === head || (redeemers?.includes(memberId) ?? true);
    const person = await personShown(personalData, caller, userId, member);
    return {
      memberId: memberId as MemberId,
      status,
      role: memberId === head ? ('head' as const) : ('member' as const),
      mayRedeem: status === 'present' && mayRedeem,
      joinedAt: instantOf(member.joinedAt),
      leftAt: instantOrNull(member.leftAt),
      erasedAt: instantOrNull(member.erasedAt),
      cards: theirs.map((card) => ({
        cardNumber: card.cardNumber as CardNumber,
        status: card.status,
      })),
      ...(person && { person }),
    };
  });
  return {
    head: head as MemberId,
    redeemers: redeemers as MemberId[] | null,
    members: await Promise.all(shown),
  };
};
