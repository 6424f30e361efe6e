import { expect } from 'chai';
import {
  type ConsentEvent,
  consentOf,
  consents,
  consentsAt,
  giveConsents,
  type SetConsents,
  withdrawConsents,
} from '../../../domain/consent/consent.js';
import { specification } from '../registry/spec.js';

const given = specification(consents);
const subject = '3000000000000000000000017';
const form = { kind: 'form' };
const order: SetConsents = {
  ...{ subject, channels: ['email', 'sms'], classes: ['marketing'], source: form },
};
const said = (type: ConsentEvent['type'], channel: 'email' | 'sms' | 'push'): ConsentEvent => ({
  type,
  data: { subject, channel, class: 'marketing', source: form },
});

describe('the consents of a recipient', () => {
  it('are given by channel and class, each once', () => {
    given()
      .when((state) => giveConsents(order, state))
      .then(said('ConsentGiven', 'email'), said('ConsentGiven', 'sms'));
    given(said('ConsentGiven', 'email'))
      .when((state) => giveConsents(order, state))
      .then(said('ConsentGiven', 'sms'));
    given(said('ConsentGiven', 'email'), said('ConsentGiven', 'sms'))
      .when((state) => giveConsents(order, state))
      .thenNothing();
  });

  it('are withdrawn, also where nothing was ever given', () => {
    given(said('ConsentGiven', 'email'))
      .when((state) => withdrawConsents(order, state))
      .then(said('ConsentWithdrawn', 'email'), said('ConsentWithdrawn', 'sms'));
    given(said('ConsentWithdrawn', 'email'), said('ConsentWithdrawn', 'sms'))
      .when((state) => withdrawConsents(order, state))
      .thenNothing();
  });

  it('can be proven as of any moment', () => {
    const past = [
      { ...said('ConsentGiven', 'email'), occurredAt: 10 },
      { ...said('ConsentGiven', 'sms'), occurredAt: 15 },
      { ...said('ConsentWithdrawn', 'email'), occurredAt: 20 },
    ];
    const state = past.reduce(
      (before, event, revision) => consents.evolve(before, { ...event, revision }),
      consents.initial(),
    );
    const at = (time: number) =>
      consentsAt(state, time).map(({ channel, state: word }) => `${channel} ${word}`);
    expect(at(9)).to.deep.equal([]);
    expect(at(10)).to.deep.equal(['email given']);
    expect(at(19)).to.have.members(['email given', 'sms given']);
    expect(at(20)).to.have.members(['email withdrawn', 'sms given']);
    expect(consentOf(state, { channel: 'email', class: 'marketing' })).to.include({ since: 20 });
    expect(consentOf(state, { channel: 'email', class: 'service' })).to.equal(null);
  });
});
