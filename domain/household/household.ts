/**
 * The people of one account as its decisions need them. Invariants: there is one head, who is present; numbers are given in order
 * and never again; a contact is of one present member at most.
 *
 * Values here are never changed in place, so an account keeps null until its second person and pays nothing for what it has not.
 */
import { unreachable } from '../event.js';
import type { CardNumber, MemberId } from '../ids.js';
import { rejected } from '../rejected.js';
import type { HouseholdEvent } from './events.js';

export interface Member {
  readonly status: 'present' | 'removed' | 'erased';
  /** Equality hashes of the contacts; null once they have left. */
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
}

export interface Household {
  readonly head: MemberId;
  readonly members: ReadonlyMap<MemberId, Member>;
  /** Besides the head; null: everybody. */
  readonly redeemers: readonly MemberId[] | null;
  /** Whose a card is; who enrolled where it is not here. */
  readonly cards: ReadonlyMap<CardNumber, MemberId>;
}

/** Who enrolled. */
export const firstMember = 1 as MemberId;

const householdOfOne = (contacts: Omit<Member, 'status'>): Household => ({
  head: firstMember,
  members: new Map([[firstMember, { status: 'present', ...contacts }]]),
  redeemers: null,
  cards: new Map(),
});

/** As an account remembers it; of one person where no second one ever joined. */
export const householdOf = (account: {
  readonly household: Household | null;
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
}): Household => {
  const { household, phoneHash, emailHash } = account;
  return household ?? householdOfOne({ phoneHash, emailHash });
};

export const nextMemberId = ({ members }: Household): MemberId => (members.size + 1) as MemberId;

const isPresent = ({ members }: Household, memberId: MemberId): boolean =>
  members.get(memberId)?.status === 'present';

/** @throws Rejected member-not-found */
export const knownIn = ({ members }: Household, memberId: MemberId): Member => {
  const member = members.get(memberId);
  if (!member) throw rejected('member-not-found', { memberId });
  return member;
};

/** @throws Rejected member-not-found */
export const assertPresent = (household: Household, memberId: MemberId): void => {
  if (!isPresent(household, memberId)) throw rejected('member-not-found', { memberId });
};

/** By their numbers. */
export const presentIn = ({ members }: Household): [MemberId, Member][] =>
  [...members].filter(([, { status }]) => status === 'present');

export const ownerOfCard = ({ cards }: Household, cardNumber: CardNumber): MemberId =>
  cards.get(cardNumber) ?? firstMember;

export const mayRedeem = ({ head, redeemers }: Household, memberId: MemberId): boolean =>
  redeemers === null || memberId === head || redeemers.includes(memberId);

export const withCard = (
  household: Household,
  cardNumber: CardNumber,
  memberId: MemberId,
): Household => ({ ...household, cards: new Map(household.cards).set(cardNumber, memberId) });

const withMember = (household: Household, memberId: MemberId, member: Member): Household => ({
  ...household,
  members: new Map(household.members).set(memberId, member),
});

/** Of who is present. */
export const withContacts = (
  household: Household,
  memberId: MemberId,
  { phoneHash, emailHash }: Omit<Member, 'status'>,
): Household => withMember(household, memberId, { status: 'present', phoneHash, emailHash });

const gone = (status: 'removed' | 'erased'): Member => ({
  status,
  phoneHash: null,
  emailHash: null,
});

export const foldHousehold = (household: Household, event: HouseholdEvent): Household => {
  switch (event.type) {
    case 'MemberAdded': {
      const { memberId, phoneHash, emailHash } = event.data;
      return withMember(household, memberId, { status: 'present', phoneHash, emailHash });
    }
    case 'MemberRemoved': {
      const { memberId } = event.data;
      const redeemers = household.redeemers?.filter((one) => one !== memberId) ?? null;
      return { ...withMember(household, memberId, gone('removed')), redeemers };
    }
    case 'MemberErased':
      return withMember(household, event.data.memberId, gone('erased'));
    case 'HeadAppointed':
      return { ...household, head: event.data.memberId };
    case 'RedeemersNamed':
      return { ...household, redeemers: event.data.redeemers };
    case 'CardHandedOver':
      return withCard(household, event.data.cardNumber, event.data.memberId);
    default:
      return unreachable(event);
  }
};

/** The whole account was erased. */
export const allErased = (household: Household): Household => ({
  ...household,
  members: new Map([...household.members.keys()].map((memberId) => [memberId, gone('erased')])),
});

export interface HouseholdJson {
  readonly head: MemberId;
  readonly members: readonly (readonly [MemberId, Member])[];
  readonly redeemers: readonly MemberId[] | null;
  readonly cards: readonly (readonly [CardNumber, MemberId])[];
}

export const householdToJson = (household: Household): HouseholdJson => ({
  ...household,
  members: [...household.members],
  cards: [...household.cards],
});

export const householdFromJson = (json: HouseholdJson): Household => ({
  ...json,
  members: new Map(json.members),
  cards: new Map(json.cards),
});
