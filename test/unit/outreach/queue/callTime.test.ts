import { expect } from 'chai';
import { answerWithinMs } from '../../../../domain/message/message.js';
import { callMostMs, providerTerms } from '../../../../domain/provider/events.js';

describe('the time of one call', () => {
  it('ends well before others ask what became of it, whatever a provider is given', () => {
    const { maximum } = providerTerms.timeoutMs as unknown as { readonly maximum: number };
    expect(maximum).to.equal(callMostMs);
    expect(answerWithinMs - callMostMs).to.be.at.least(10_000);
  });
});
