import { account } from '../../../domain/account/account.js';
import {
  blockCard,
  type Enrolment,
  enrol,
  issueCard,
  replaceCard,
} from '../../../domain/account/customer.js';
import type { AccountEvent } from '../../../domain/account/events.js';
import type { CardNumber, UserId } from '../../../domain/ids.js';
import { specification } from './spec.js';

const given = specification(account);
const userId = '8018000010000000000000013' as UserId;
const [one, two] = ['1111', '2222'] as CardNumber[] as [CardNumber, CardNumber];
const enrolment: Enrolment = {
  userId,
  person: 'sealed',
  phoneHash: 'p',
  emailHash: null,
  merchantId: null,
  cardNumber: null,
  numbered: true,
};
const enrolled: AccountEvent = {
  type: 'CustomerEnrolled',
  data: { userId, person: 'sealed', phoneHash: 'p', emailHash: null, merchantId: null },
};
const nameless: AccountEvent = {
  type: 'CustomerEnrolled',
  data: { userId, person: '', phoneHash: null, emailHash: null, merchantId: null },
};
const issued = (cardNumber: CardNumber): AccountEvent => ({
  type: 'CardIssued',
  data: { cardNumber },
});
const reason = 'lost';
const blocked: AccountEvent = { type: 'CardBlocked', data: { cardNumber: one, reason } };
const replaced: AccountEvent = {
  type: 'CardReplaced',
  data: { cardNumber: one, replacement: two, reason },
};
const closed: AccountEvent = { type: 'AccountClosed', data: { reason: 'x', forfeited: 0 } };

describe('enrolling a customer', () => {
  it('records who it is, and the first card with it', () => {
    given()
      .when((state) => enrol(enrolment, state))
      .then(enrolled);
    given()
      .when((state) => enrol({ ...enrolment, cardNumber: one }, state))
      .then(enrolled, issued(one));
  });

  it('decides nothing for the same contacts again, however the person is sealed', () => {
    given(enrolled)
      .when((state) => enrol({ ...enrolment, person: 'sealed otherwise' }, state))
      .thenNothing();
  });

  it('adds a card that was missing', () => {
    given(enrolled)
      .when((state) => enrol({ ...enrolment, cardNumber: one }, state))
      .then(issued(one));
    given(enrolled, issued(one))
      .when((state) => enrol({ ...enrolment, cardNumber: one }, state))
      .thenNothing();
  });

  it('refuses a number that has other contacts', () => {
    given(enrolled)
      .when((state) => enrol({ ...enrolment, phoneHash: 'q' }, state))
      .thenRejected('already-registered');
  });

  it('takes a nameless account under a made number for a stranger, under a given one for the same', () => {
    const stranger = { ...enrolment, person: '', phoneHash: null };
    given(nameless)
      .when((state) => enrol(stranger, state))
      .thenRejected('already-registered');
    given(nameless)
      .when((state) => enrol({ ...stranger, numbered: false }, state))
      .thenNothing();
  });

  it('does not bring a closed account back', () => {
    given(enrolled, closed)
      .when((state) => enrol({ ...enrolment, cardNumber: one }, state))
      .thenRejected('account-closed');
    given(nameless, closed)
      .when((state) => enrol({ ...enrolment, person: '', phoneHash: null, numbered: false }, state))
      .thenRejected('account-closed');
  });
});

describe('a card', () => {
  it('is issued once', () => {
    given(enrolled)
      .when((state) => issueCard({ cardNumber: one }, state))
      .then(issued(one));
    given(enrolled, issued(one))
      .when((state) => issueCard({ cardNumber: one }, state))
      .thenNothing();
  });

  it('is blocked once', () => {
    given(enrolled, issued(one))
      .when((state) => blockCard({ cardNumber: one, reason }, state))
      .then(blocked);
    given(enrolled, issued(one), blocked)
      .when((state) => blockCard({ cardNumber: one, reason }, state))
      .thenNothing();
    given(enrolled, issued(one), replaced)
      .when((state) => blockCard({ cardNumber: one, reason }, state))
      .thenNothing();
  });

  it('that was blocked is not issued again', () => {
    given(enrolled, issued(one), blocked)
      .when((state) => issueCard({ cardNumber: one }, state))
      .thenRejected('card-blocked');
  });

  it('is replaced once, working or blocked', () => {
    const replacing = { cardNumber: one, replacement: two, reason };
    given(enrolled, issued(one))
      .when((state) => replaceCard(replacing, state))
      .then(replaced);
    given(enrolled, issued(one), blocked)
      .when((state) => replaceCard(replacing, state))
      .then(replaced);
    given(enrolled, issued(one), replaced)
      .when((state) => replaceCard(replacing, state))
      .thenNothing();
  });

  it('that was replaced gets no second replacement', () => {
    const third = { cardNumber: one, replacement: '3333' as CardNumber, reason };
    given(enrolled, issued(one), replaced)
      .when((state) => replaceCard(third, state))
      .thenRejected('card-blocked');
  });

  it('is not replaced by a card the customer has already', () => {
    given(enrolled, issued(one), issued(two))
      .when((state) => replaceCard({ cardNumber: one, replacement: two, reason }, state))
      .thenRejected('card-taken');
  });

  it('that the customer does not carry can be neither blocked nor replaced', () => {
    given(enrolled)
      .when((state) => blockCard({ cardNumber: one, reason }, state))
      .thenRejected('card-not-found');
    given(enrolled)
      .when((state) => replaceCard({ cardNumber: one, replacement: two, reason }, state))
      .thenRejected('card-not-found');
  });

  it('needs an open account', () => {
    given()
      .when((state) => issueCard({ cardNumber: one }, state))
      .thenRejected('account-not-found');
    given(enrolled, issued(one), closed)
      .when((state) => blockCard({ cardNumber: one, reason }, state))
      .thenRejected('account-closed');
  });
});
