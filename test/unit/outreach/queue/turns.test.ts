/** Whose turn it is, and who gets a call. */
import { expect } from 'chai';
import { createCallSlots } from '../../../../workers/outreach/callSlots.js';
import {
  classWeights,
  type Contender,
  createFairness,
} from '../../../../workers/outreach/fairness.js';

const shares = (contenders: readonly Contender[], turns: number): Map<Contender, number> => {
  const fairness = createFairness();
  const served = new Map(contenders.map((one) => [one, 0]));
  for (let turn = 0; turn < turns; turn += 1) {
    const one = fairness.next(contenders);
    if (!one) break;
    fairness.charge(one, 10);
    served.set(one, (served.get(one) ?? 0) + 1);
  }
  return served;
};

describe('turns', () => {
  it('are shared by the weights of classes, and nobody starves', () => {
    const classes = ['transactional', 'service', 'marketing'] as const;
    const contenders = classes.map((of) => ({ class: of, tenant: 'demo' }));
    const served = shares(contenders, 1_300);
    for (const one of contenders) {
      expect(served.get(one)).to.be.closeTo(classWeights[one.class] * 100, 3);
    }
  });

  it('are shared alike by programmes, however much each has waiting', () => {
    const big = { class: 'marketing', tenant: 'big' } as const;
    const small = { class: 'marketing', tenant: 'small' } as const;
    const served = shares([big, { ...big }, { ...big }, small], 300);
    expect(served.get(small)).to.be.closeTo(150, 2);
  });

  it('give nobody what it did not use while it was away', () => {
    const fairness = createFairness();
    const [here, away] = ['here', 'away'].map((tenant) => ({ class: 'service', tenant }) as const);
    for (let turn = 0; turn < 100; turn += 1) fairness.charge(here as Contender, 10);
    const both = [here, away] as Contender[];
    let inARow = 0;
    for (let turn = 0; turn < 10; turn += 1) {
      const one = fairness.next(both) as Contender;
      fairness.charge(one, 10);
      if (one === away) inARow += 1;
    }
    expect(inARow).to.be.within(5, 6);
  });
});

describe('calls to a provider', () => {
  it('keep places for one-time passwords, which go first', async () => {
    const slots = createCallSlots(
      () => 2,
      () => undefined,
    );
    const order: string[] = [];
    const held = await Promise.all([slots.take(false), slots.take(false)]);
    expect(slots.free(false)).to.equal(0);
    expect(slots.free(true)).to.equal(1);
    const urgent = await slots.take(true);
    void slots.take(false).then(() => order.push('usual'));
    void slots.take(true).then(() => order.push('urgent'));
    held[0]?.();
    held[0]?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).to.deep.equal(['urgent', 'usual']);
    urgent();
    held[1]?.();
    expect(slots.free(false)).to.equal(1);
  });
});
