import {
  programme,
  type ProgrammeEvent,
  setProgrammeRule,
} from '../../../domain/programme/programme.js';
import type { ProgrammeRule } from '../../../domain/programme/rule.js';
import { specification } from './spec.js';

const given = specification(programme);
const rule: ProgrammeRule = {
  currency: 'GBP',
  earn: { points: 100, per: 100 },
  pointValue: 1,
  redeemMaxBasisPoints: 5_000,
  earnOnRedeemed: false,
  activationDelayDays: 14,
  lifetimeDays: 365,
  clawback: 'withinBalance',
};
const set = (version: number, changed: ProgrammeRule = rule): ProgrammeEvent => ({
  type: 'ProgrammeRuleSet',
  data: { version, rule: changed },
});
const changes: Partial<ProgrammeRule>[] = [
  { earn: { points: 200, per: 100 } },
  { earn: { points: 100, per: 200 } },
  { pointValue: 2 },
  { redeemMaxBasisPoints: 0 },
  { earnOnRedeemed: true },
  { activationDelayDays: 0 },
  { lifetimeDays: null },
  { clawback: 'allowDeficit' },
];

describe('the programme rule', () => {
  it('begins with version 1', () => {
    given()
      .when((state) => setProgrammeRule({ rule, currency: 'GBP' }, state))
      .then(set(1));
  });

  it('stays when the same rule is set again', () => {
    given(set(1))
      .when((state) => setProgrammeRule({ rule: { ...rule }, currency: 'GBP' }, state))
      .thenNothing();
  });

  for (const change of changes) {
    it(`gets the next version when it changes to ${JSON.stringify(change)}`, () => {
      const changed = { ...rule, ...change };
      given(set(1), set(2, { ...rule, pointValue: 9 }))
        .when((state) => setProgrammeRule({ rule: changed, currency: 'GBP' }, state))
        .then(set(3, changed));
    });
  }

  it('counts in the currency of the tenant', () => {
    given(set(1))
      .when((state) => setProgrammeRule({ rule, currency: 'USD' }, state))
      .thenRejected('currency-mismatch');
  });
});
