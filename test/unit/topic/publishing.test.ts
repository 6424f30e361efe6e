/** What decides on schemas, rules, limits and forgotten people, without any of what surrounds it. */
import { expect } from 'chai';
import type { PartnerId } from '../../../domain/ids.js';
import { partnerLimits, setPartnerLimits } from '../../../domain/partner/limits.js';
import { putBack, takeOut, valueAt } from '../../../domain/publication/pointer.js';
import type { SubjectKey } from '../../../domain/publication/publication.js';
import { eraseSubject, publishedSubject } from '../../../domain/publication/subject.js';
import { setHandling, setLimits, topicRules } from '../../../domain/topic/rules.js';
import {
  acceptSchema,
  activeMax,
  retireSchema,
  topicSchemas,
  type TopicSchemasEvent,
  versionsMax,
} from '../../../domain/topic/schemas.js';
import { specification } from '../registry/spec.js';

const tried = { from: null, to: null, checked: 0, failed: 0, passed: 0 };
const accepted = (version: number, schema = `{"minimum":${version}}`): TopicSchemasEvent => ({
  type: 'TopicSchemaAccepted',
  data: { version, compatibility: 'none', schema, tried },
});
const retired = (version: number): TopicSchemasEvent => ({
  type: 'TopicSchemaRetired',
  data: { version, reason: 'old' },
});
const proposal = (knownVersions: number, schema = '{}') => ({
  ...{ compatibility: 'none' as const, schema, tried, knownVersions },
});

describe('the schema of a topic', () => {
  const given = specification(topicSchemas);

  it('gets the next version, once, and never a number again', () => {
    given()
      .when((state) => acceptSchema(proposal(0, '{"minimum":1}'), state))
      .then(accepted(1));
    given(accepted(1))
      .when((state) => acceptSchema(proposal(1, '{"minimum":1}'), state))
      .thenNothing();
    given(accepted(1), retired(1))
      .when((state) => acceptSchema(proposal(1, '{"minimum":2}'), state))
      .then(accepted(2));
  });

  it('gets none that was not compared with all that are there', () => {
    given(accepted(1))
      .when((state) => acceptSchema(proposal(0), state))
      .thenRejected('schemas-changed');
  });

  it('has so many versions, and so many in use', () => {
    const many = Array.from({ length: activeMax }, (_, i) => accepted(i + 1));
    given(...many)
      .when((state) => acceptSchema(proposal(activeMax), state))
      .thenRejected('too-many-schemas');
    const all = Array.from({ length: versionsMax }, (_, i) => [accepted(i + 1), retired(i + 1)]);
    given(...all.flat())
      .when((state) => acceptSchema(proposal(versionsMax), state))
      .thenRejected('too-many-schemas');
  });

  it('loses a version once', () => {
    given(accepted(1))
      .when((state) => retireSchema({ version: 1, reason: 'old' }, state))
      .then(retired(1));
    given(accepted(1), retired(1))
      .when((state) => retireSchema({ version: 1, reason: 'again' }, state))
      .thenNothing();
    given(accepted(1))
      .when((state) => retireSchema({ version: 2, reason: 'old' }, state))
      .thenRejected('version-not-found');
  });
});

describe('the rules of a topic', () => {
  const handling = { timeToLiveSeconds: 60, personal: { subject: '/id', pointers: ['/name'] } };
  const limits = { eventsPerSecond: 5, eventBytesMax: null };

  it('are set when they are others', () => {
    specification(topicRules)()
      .when((state) => setHandling(handling, state))
      .then({ type: 'TopicHandlingSet', data: handling });
    specification(topicRules)({ type: 'TopicHandlingSet', data: handling })
      .when((state) => setHandling(handling, state))
      .thenNothing();
    specification(topicRules)({ type: 'TopicHandlingSet', data: handling })
      .when((state) => setLimits(limits, state))
      .then({ type: 'TopicLimitsSet', data: limits });
  });

  it('have limits of the partner beside them', () => {
    const data = { eventsPerSecond: 5 };
    specification(partnerLimits)()
      .when((state) => setPartnerLimits(data, state))
      .then({ type: 'PartnerLimitsSet', data });
    specification(partnerLimits)({ type: 'PartnerLimitsSet', data })
      .when((state) => setPartnerLimits(data, state))
      .thenNothing();
  });
});

describe('a person in publications', () => {
  it('is forgotten once', () => {
    const subjectKey = '0f'.repeat(16) as SubjectKey;
    const data = { partnerId: 'dealer' as PartnerId, subjectKey, reason: 'asked' };
    const erased = { type: 'PublishedSubjectErased', data } as const;
    specification(publishedSubject)()
      .when((state) => eraseSubject(data, state))
      .then(erased);
    specification(publishedSubject)(erased)
      .when((state) => eraseSubject(data, state))
      .thenNothing();
  });

  it('is taken out of the data by pointers, and put back where it was', () => {
    const data = { 'a/b': { '~': [1, { name: 'Ada' }] }, list: ['x', 'y'], none: null };
    const pointers = ['/a~1b/~0/1/name', '/list/1', '/list/01', '/none', '/gone/1', '/a~1b/~0'];
    const { data: rest, taken } = takeOut(data, pointers);
    expect(rest).to.deep.equal({ 'a/b': { '~': null }, list: ['x', null], none: null });
    expect(taken.map(([pointer]) => pointer)).to.deep.equal([
      '/a~1b/~0/1/name',
      '/list/1',
      '/a~1b/~0',
    ]);
    expect(putBack(rest, taken)).to.deep.equal(data);
    expect(data.list[1]).to.equal('y');
    expect(takeOut('secret', [''])).to.deep.equal({ data: null, taken: [['', 'secret']] });
    expect(valueAt({ toString: 1 }, '/constructor')).to.equal(undefined);
  });
});
