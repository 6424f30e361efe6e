import { expect } from 'chai';
import { createCallSlots } from '../../../../workers/outreach/callSlots.js';

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
