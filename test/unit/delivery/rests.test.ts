/** How long a process keeps its hands off subscriptions that it let go of. */
import { expect } from 'chai';
import { createRests } from '../../../workers/webhook/rests.js';

describe('rests of subscriptions', () => {
  it('last as long as was said last', () => {
    let at = 1_000;
    const rests = createRests(() => at);
    rests.begin('a', 500);
    expect([rests.has('a'), rests.has('b')]).to.deep.equal([true, false]);
    at = 1_400;
    rests.begin('a', 500);
    at = 1_899;
    expect(rests.has('a')).to.equal(true);
    at = 1_900;
    expect(rests.has('a')).to.equal(false);
  });

  it('are forgotten once they are over, whoever asks for them or not', () => {
    let at = 0;
    const rests = createRests(() => at);
    let most = 0;
    for (let i = 0; i < 10_000; i += 1) {
      at += 10;
      rests.begin(`subscription ${i}`, i % 2 === 0 ? 500 : 600);
      rests.forgetOver();
      most = Math.max(most, rests.size);
    }
    expect(most).to.be.within(50, 60);
    expect(rests.has('subscription 9999')).to.equal(true);
    at += 600;
    rests.forgetOver();
    expect(rests.size).to.equal(0);
  });
});
