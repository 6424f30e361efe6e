import { expect } from 'chai';
import type { ProviderRecord } from '../../../../commands/carriers.js';
import {
  hearCalls,
  openCallsUnderWay,
  tellCalls,
} from '../../../../platform/compose/callsUnderWay.js';
import { createCallSlots, type OtherThread } from '../../../../workers/outreach/callSlots.js';

describe('the calls of a provider in two threads', () => {
  const most = 4;
  const open = (other?: OtherThread) =>
    createCallSlots(
      () => most,
      () => undefined,
      other,
    );
  const record = (providerId: string) => ({ tenant: 'demo', providerId }) as ProviderRecord;

  it('are as many in all as in one: half as many more for one-time passwords', async () => {
    const memory = openCallsUnderWay();
    const usual = open(tellCalls(memory)(record('north')));
    const urgent = open(hearCalls(memory)(record('north')));
    const alone = open();
    expect([urgent.free(true), usual.free(false)]).to.deep.equal([6, 4]);
    for (let used = 1; used <= most; used += 1) {
      await Promise.all([usual.take(false), alone.take(false)]);
      expect(urgent.free(true), `${used} used`).to.equal(alone.free(true));
    }
    expect(urgent.free(true)).to.equal(2);
    expect(usual.free(false)).to.equal(0);
  });

  it('wait for those of the other thread, and go on soon after one of them ended', async () => {
    const memory = openCallsUnderWay();
    const usual = open(tellCalls(memory)(record('north')));
    const urgent = open(hearCalls(memory)(record('north')));
    const ends = await Promise.all(Array.from({ length: most }, () => usual.take(false)));
    await Promise.all([urgent.take(true), urgent.take(true)]);
    let taken = false;
    const third = urgent.take(true).then(() => (taken = true));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(taken).to.equal(false);
    ends[0]?.();
    ends[0]?.();
    await third;
  });

  it('have those of their own whatever another provider does whose place they share', async () => {
    const memory = openCallsUnderWay();
    const told = tellCalls(memory);
    for (let number = 0; number < 20_000; number += 1) told(record(`p${number}`)).tell(1);
    const urgent = open(hearCalls(memory)(record('north')));
    expect(urgent.free(true)).to.equal(2);
    // A thread that is started again has nothing under way.
    tellCalls(memory);
    expect(urgent.free(true)).to.equal(6);
  });
});

describe('the calls that a connection is closed after', () => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('are those that are under way by then, however many begin meanwhile', async () => {
    const slots = createCallSlots(
      () => 2,
      () => undefined,
    );
    let isIdle = false;
    await slots.idle();
    const [first, second] = await Promise.all([slots.take(false), slots.take(false)]);
    void slots.idle().then(() => (isIdle = true));
    const third = slots.take(false);
    first();
    await third;
    await turn();
    expect(isIdle).to.equal(false);
    second();
    second();
    await turn();
    expect(isIdle).to.equal(true);
  });
});
