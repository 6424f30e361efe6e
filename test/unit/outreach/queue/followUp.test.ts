import { expect } from 'chai';
import { nextOf } from '../../../../domain/message/message.js';
import { changeOf, followUp, type Step } from '../../../../workers/outreach/followUp.js';
import { inHand, noon } from './known.js';

describe('what follows from the state of a message', () => {
  const steps = [
    { channel: 'push' as const, until: 'delivered' as const, waitSeconds: 60 },
    { channel: 'sms' as const, until: 'delivered' as const, waitSeconds: 60 },
  ];
  const hour = 3_600_000;
  let step: Step;
  beforeEach(() => {
    step = { advanced: [], ended: [] };
  });

  it('is nothing while it can be sent', () => {
    followUp(inHand({ steps }).message, step, () => noon);
    expect(step).to.deep.equal({ advanced: [], ended: [] });
  });

  it('is its end once it expired, put down once', () => {
    const { message } = inHand({ steps });
    followUp(message, step, () => noon + hour);
    expect(step.advanced).to.deep.equal([]);
    expect(step.ended.map(({ messageId, status }) => ({ messageId, status }))).to.deep.equal([
      { messageId: message.messageId, status: 'expired' },
    ]);
  });

  it('is put down with what was told of it, rather than with what the state says', () => {
    const { message } = inHand({ steps });
    const told = { reason: 'erased', detail: 'on request' };
    changeOf(message, nextOf(message, noon + hour), noon + hour, step, told);
    expect(step.ended).to.deep.equal([
      { messageId: message.messageId, status: 'expired', ...told },
    ]);
  });
});
