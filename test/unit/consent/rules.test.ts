import { expect } from 'chai';
import {
  outreachRules,
  outreachRulesDefault,
  type OutreachRulesEvent,
  setOutreachRules,
} from '../../../domain/consent/rules.js';
import { specification } from '../registry/spec.js';

const given = specification(outreachRules);
const rules = { ...outreachRulesDefault, quietHours: { from: '22:00', to: '08:00' } };
const set = (version: number): OutreachRulesEvent => ({
  type: 'OutreachRulesSet',
  data: { version, rules },
});

describe('the rules of outreach', () => {
  it('are set in versions, each once', () => {
    given()
      .when((state) => setOutreachRules({ rules }, state))
      .then(set(1));
    given(set(1))
      .when((state) => setOutreachRules({ rules: { ...rules } }, state))
      .thenNothing();
    const other = { ...rules, laneCount: 2 };
    given(set(1))
      .when((state) => setOutreachRules({ rules: other }, state))
      .then({ type: 'OutreachRulesSet', data: { version: 2, rules: other } });
  });

  it('know their time zone, and end what they begin', () => {
    const decided = (over: object) => () =>
      setOutreachRules({ rules: { ...rules, ...over } }, outreachRules.initial());
    expect(decided({ timeZone: 'Mars/Olympus' }))
      .to.throw()
      .with.nested.property('details.faults[0].pointer', '/timeZone');
    expect(decided({ quietHours: { from: '08:00', to: '08:00' } }))
      .to.throw()
      .with.property('code', 'outreach-rules-wrong');
  });
});
