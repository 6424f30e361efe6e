import { expect } from 'chai';
import { account } from '../../../domain/account/account.js';
import { closeAccount } from '../../../domain/account/close.js';
import { issueCard, replaceCard } from '../../../domain/account/customer.js';
import type { AccountEvent } from '../../../domain/account/events.js';
import {
  addMember,
  appointHead,
  eraseMember,
  handOverCard,
  type Joining,
  nameRedeemers,
  removeMember,
} from '../../../domain/account/members.js';
import { membersMax } from '../../../domain/household/events.js';
import type { CardNumber, MemberId, UserId } from '../../../domain/ids.js';
import { specification } from '../registry/spec.js';

const given = specification(account);
const userId = '8018000010000000000000013' as UserId;
const [first, second, third] = [1, 2, 3] as [MemberId, MemberId, MemberId];
const [one, two, three] = ['1111', '2222', '3333'] as CardNumber[] as [
  CardNumber,
  CardNumber,
  CardNumber,
];
const reason = 'moved out';
const at = 0;

const enrolled: AccountEvent[] = [
  {
    type: 'CustomerEnrolled',
    data: { userId, person: 'sealed', phoneHash: 'ann', emailHash: null, merchantId: null },
  },
  { type: 'CardIssued', data: { cardNumber: one } },
];
const joining: Joining = {
  memberId: second,
  person: 'sealed',
  phoneHash: 'bob',
  emailHash: null,
  merchantId: null,
  cardNumber: null,
};
const added = (memberId = second, phoneHash: string | null = 'bob'): AccountEvent => ({
  type: 'MemberAdded',
  data: { memberId, person: 'sealed', phoneHash, emailHash: null, merchantId: null },
});
const cardOf = (memberId: MemberId, cardNumber: CardNumber): AccountEvent => ({
  type: 'CardIssued',
  data: { cardNumber, memberId },
});
const removed = (memberId: MemberId): AccountEvent => ({
  type: 'MemberRemoved',
  data: { memberId, reason },
});
const erased = (memberId: MemberId): AccountEvent => ({
  type: 'MemberErased',
  data: { memberId, reason },
});
const head = (memberId: MemberId, before: MemberId): AccountEvent => ({
  type: 'HeadAppointed',
  data: { memberId, before },
});
const couple = [...enrolled, added(), cardOf(second, two)];
const closed: AccountEvent = { type: 'AccountClosed', data: { reason, forfeited: 0 } };

describe('a member of a household', () => {
  it('joins under the next number, with a card of their own', () => {
    given(...enrolled)
      .when((state) => addMember(joining, state))
      .then(added());
    given(...enrolled)
      .when((state) => addMember({ ...joining, cardNumber: two }, state))
      .then(added(), cardOf(second, two));
  });

  it('joins once with the same contacts', () => {
    given(...couple)
      .when((state) => addMember({ ...joining, memberId: third }, state))
      .thenNothing();
  });

  it('does not share a contact with another member, nor brings a card the account has', () => {
    given(...couple)
      .when((state) =>
        addMember({ ...joining, memberId: third, phoneHash: 'ann', emailHash: 'e' }, state),
      )
      .thenRejected('contact-taken');
    given(...couple)
      .when((state) =>
        addMember({ ...joining, memberId: third, phoneHash: 'cat', cardNumber: one }, state),
      )
      .thenRejected('card-taken');
  });

  it('may bring the contact of somebody who has left', () => {
    given(...couple, removed(second))
      .when((state) => addMember({ ...joining, memberId: third }, state))
      .then(added(third));
  });

  it('does not join a full household, an account that is closed or one that is not there', () => {
    const many = Array.from({ length: membersMax - 1 }, (_, i) =>
      added((i + 2) as MemberId, `p${i}`),
    );
    given(...enrolled, ...many)
      .when((state) => addMember({ ...joining, memberId: 13 as MemberId }, state))
      .thenRejected('household-full');
    given(...enrolled, closed)
      .when((state) => addMember(joining, state))
      .thenRejected('account-closed');
    given()
      .when((state) => addMember(joining, state))
      .thenRejected('account-not-found');
  });

  it('who leaves leaves no working card behind', () => {
    const leaving = { memberId: second, reason, cardsGoTo: 'nobody' } as const;
    given(...couple)
      .when((state) => removeMember(leaving, state))
      .then({ type: 'CardBlocked', data: { cardNumber: two, reason } }, removed(second));
    given(...couple)
      .when((state) => removeMember({ ...leaving, cardsGoTo: first }, state))
      .then(
        { type: 'CardHandedOver', data: { cardNumber: two, memberId: first, before: second } },
        removed(second),
      );
    given(...couple, removed(second))
      .when((state) => removeMember(leaving, state))
      .thenNothing();
    given(...couple)
      .when((state) => removeMember({ ...leaving, cardsGoTo: third }, state))
      .thenRejected('member-not-found');
  });

  it('is removed before they are erased, and can be erased later', () => {
    const leaving = { memberId: second, reason, cardsGoTo: 'nobody', at } as const;
    given(...enrolled, added())
      .when((state) => eraseMember(leaving, state))
      .then(removed(second), erased(second));
    given(...enrolled, added(), removed(second))
      .when((state) => eraseMember(leaving, state))
      .then(erased(second));
    given(...enrolled, added(), removed(second), erased(second))
      .when((state) => eraseMember(leaving, state))
      .thenNothing();
  });

  it('who is the last takes the account along when they are erased', () => {
    const last = { memberId: first, reason, cardsGoTo: 'nobody', at } as const;
    const end: AccountEvent[] = [closed, { type: 'PersonErased', data: { reason } }];
    given(...enrolled)
      .when((state) => eraseMember(last, state))
      .then(...end);
    given(...couple, removed(second))
      .when((state) => eraseMember(last, state))
      .then(...end);
    given(...couple, closed)
      .when((state) => closeAccount({ reason, at }, state))
      .thenNothing();
  });
});

describe('the head of a household', () => {
  it('is who enrolled, until another is appointed', () => {
    given(...couple)
      .when((state) => appointHead({ memberId: second }, state))
      .then(head(second, first));
    given(...couple)
      .when((state) => appointHead({ memberId: first }, state))
      .thenNothing();
    given(...couple, removed(second))
      .when((state) => appointHead({ memberId: second }, state))
      .thenRejected('member-not-found');
  });

  it('cannot be removed', () => {
    const leaving = { memberId: first, reason, cardsGoTo: 'nobody' } as const;
    given(...couple)
      .when((state) => removeMember(leaving, state))
      .thenRejected('member-is-head');
    given(...couple, head(second, first))
      .when((state) => removeMember(leaving, state))
      .then({ type: 'CardBlocked', data: { cardNumber: one, reason } }, removed(first));
  });

  it('who is erased is followed by who has been there longest', () => {
    given(...couple, added(third, 'cat'))
      .when((state) => eraseMember({ memberId: first, reason, cardsGoTo: second, at }, state))
      .then(
        head(second, first),
        { type: 'CardHandedOver', data: { cardNumber: one, memberId: second, before: first } },
        removed(first),
        erased(first),
      );
  });
});

describe('the cards of a household', () => {
  it('are the head’s where nobody is named, and stay with their member when replaced', () => {
    given(...couple, head(second, first))
      .when((state) => issueCard({ cardNumber: three }, state))
      .then(cardOf(second, three));
    given(...couple)
      .when((state) => issueCard({ cardNumber: three, memberId: second }, state))
      .then(cardOf(second, three));
    const replacing = { cardNumber: two, replacement: three, reason };
    given(...couple)
      .when((state) => replaceCard(replacing, state))
      .then({ type: 'CardReplaced', data: { ...replacing, memberId: second } });
  });

  it('are not replaced for somebody who left, unless for another', () => {
    const replacing = { cardNumber: two, replacement: three, reason };
    given(...couple, removed(second))
      .when((state) => replaceCard(replacing, state))
      .thenRejected('member-not-found');
    given(...couple, removed(second))
      .when((state) => replaceCard({ ...replacing, memberId: first }, state))
      .then({ type: 'CardReplaced', data: { ...replacing, memberId: first } });
  });

  it('name nobody where one person is on the account', () => {
    given(...enrolled)
      .when((state) => issueCard({ cardNumber: two, memberId: first }, state))
      .then({ type: 'CardIssued', data: { cardNumber: two } });
    given(...enrolled)
      .when((state) => issueCard({ cardNumber: two, memberId: second }, state))
      .thenRejected('member-not-found');
  });

  it('are handed over while they work', () => {
    const handed = {
      type: 'CardHandedOver',
      data: { cardNumber: one, memberId: second, before: first },
    } as const;
    given(...couple)
      .when((state) => handOverCard({ cardNumber: one, memberId: second }, state))
      .then(handed);
    given(...couple, handed)
      .when((state) => handOverCard({ cardNumber: one, memberId: second }, state))
      .thenNothing();
    given(...couple, { type: 'CardBlocked', data: { cardNumber: one, reason } })
      .when((state) => handOverCard({ cardNumber: one, memberId: second }, state))
      .thenRejected('card-blocked');
    given(...couple)
      .when((state) => handOverCard({ cardNumber: three, memberId: second }, state))
      .thenRejected('card-not-found');
  });
});

describe('who may redeem', () => {
  it('is everybody, or those who are named', () => {
    const named = (redeemers: MemberId[] | null): AccountEvent => ({
      type: 'RedeemersNamed',
      data: { redeemers },
    });
    given(...couple)
      .when((state) => nameRedeemers({ redeemers: [second, first, second] }, state))
      .then(named([first, second]));
    given(...couple, named([second]))
      .when((state) => nameRedeemers({ redeemers: [second] }, state))
      .thenNothing();
    given(...couple, named([second]))
      .when((state) => nameRedeemers({ redeemers: null }, state))
      .then(named(null));
    given(...couple)
      .when((state) => nameRedeemers({ redeemers: [third] }, state))
      .thenRejected('member-not-found');
  });
});

describe('who enrolled', () => {
  it('takes contacts and birthday along when they leave', () => {
    const born: AccountEvent[] = couple.map((event) =>
      event.type === 'CustomerEnrolled'
        ? { ...event, data: { ...event.data, birthday: 'sealed' } }
        : event,
    );
    const left = [...born, head(second, first), removed(first)];
    const fold = (events: AccountEvent[]) =>
      events.reduce(
        (state, event, revision) => account.evolve(state, { ...event, revision, occurredAt: 0 }),
        account.initial(),
      );
    expect(fold(born)).to.include({ phoneHash: 'ann' });
    expect(fold(born).profile.birthday).to.equal('sealed');
    expect(fold(left)).to.include({ phoneHash: null });
    expect(fold(left).profile.birthday).to.equal(null);
  });
});
