import { expect } from 'chai';
import type { StrategyId } from '../../../domain/ids.js';
import type { Step } from '../../../domain/strategy/step.js';
import {
  retireStrategy,
  strategy,
  type StrategyEvent,
  versionStrategy,
} from '../../../domain/strategy/strategy.js';
import { specification } from '../registry/spec.js';

const given = specification(strategy);
const strategyId = 'push_then_sms' as StrategyId;
const push: Step = { channel: 'push', until: 'delivered', waitSeconds: 600 };
const sms: Step = { channel: 'sms', until: 'delivered', waitSeconds: 600 };
const content = { name: 'Push, then SMS', steps: [push, sms] };
const versioned = (version: number, of = content): StrategyEvent => ({
  type: 'StrategyVersioned',
  data: { strategyId, version, content: of },
});
const retirement = { strategyId, reason: 'over' };
const retired: StrategyEvent = { type: 'StrategyRetired', data: retirement };

describe('a strategy', () => {
  it('has versions from 1, and no new one for the steps it has', () => {
    given()
      .when((state) => versionStrategy({ strategyId, content }, state))
      .then(versioned(1));
    given(versioned(1))
      .when((state) => versionStrategy({ strategyId, content: { ...content } }, state))
      .thenNothing();
    const turned = { ...content, steps: [sms, push] };
    given(versioned(1))
      .when((state) => versionStrategy({ strategyId, content: turned }, state))
      .then(versioned(2, turned));
  });

  it('says nothing twice in the same place', () => {
    const steps = [push, sms, { ...push, waitSeconds: 60 }];
    expect(() =>
      versionStrategy({ strategyId, content: { ...content, steps } }, strategy.initial()),
    )
      .to.throw()
      .with.nested.property('details.faults[0].pointer', '/steps/2');
    const when: Step['when'] = [{ kind: 'class', in: ['otp'] }];
    const apart = { ...content, steps: [{ ...push, when }, push] };
    given()
      .when((state) => versionStrategy({ strategyId, content: apart }, state))
      .then(versioned(1, apart));
  });

  it('is retired once, and comes back with its next version', () => {
    given()
      .when((state) => retireStrategy(retirement, state))
      .thenRejected('strategy-not-found');
    given(versioned(1), retired)
      .when((state) => retireStrategy(retirement, state))
      .thenNothing();
    given(versioned(1), retired)
      .when((state) => versionStrategy({ strategyId, content }, state))
      .then(versioned(2));
  });
});
