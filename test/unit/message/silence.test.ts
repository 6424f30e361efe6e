/** What becomes of a message whose provider reports only what did not arrive. */
import { expect } from 'chai';
import type { Step } from '../../../domain/strategy/step.js';
import { at, Journey, sms } from './journey.js';

const letter: Step = { channel: 'email', until: 'delivered', waitSeconds: 3_600 };
const sent = (steps: Step[] = [letter], silenceSeconds = 900): Journey =>
  new Journey({ steps }).start(0, { silenceSeconds }).answer(1, 'submitted');

describe('a message whose provider reports failures only', () => {
  it('counts as delivered once nothing came back for long enough', () => {
    const journey = sent();
    expect(journey.next(2)).to.deep.equal({ kind: 'wait', until: at(901), for: 'milestone' });
    expect(journey.next(901)).to.deep.equal({
      ...{ kind: 'end', status: 'delivered', reason: 'nothing-came-back' },
    });
  });

  it('is not delivered where something came back in time, and another step says it', () => {
    const journey = sent([letter, sms]).receipt(30, 'undelivered', {
      errorClass: 'recipientPermanent',
    });
    expect(journey.next(30)).to.deep.equal({ kind: 'advance', to: 1, reason: 'recipient' });
    const alone = sent().receipt(30, 'undelivered');
    expect(alone.next(31)).to.deep.equal({
      ...{ kind: 'end', status: 'undelivered', reason: 'undelivered' },
    });
  });

  it('stays delivered where something comes back later, which is counted', () => {
    const journey = sent().obey(901).receipt(2_000, 'undelivered', {
      errorClass: 'recipientPermanent',
    });
    expect(journey.message).to.include({ status: 'delivered', lateReceipts: 1 });
    expect(journey.message.attempts[0]).to.include({
      ...{ receipt: 'undelivered', errorClass: 'recipientPermanent' },
    });
  });

  it('is not taken for delivered while it is said to be on its way, and waits for its step', () => {
    const journey = sent([{ ...letter, waitSeconds: 1_800 }, sms]).receipt(300, 'delayed');
    expect(journey.next(901)).to.deep.equal({ kind: 'wait', until: at(1_800), for: 'milestone' });
    expect(journey.next(1_800)).to.include({ kind: 'advance', to: 1 });
    expect(journey.receipt(400, 'delivered').next(400)).to.include({ status: 'delivered' });
  });

  it('goes to no other step where it was silent for as long as its step had', () => {
    const journey = sent([{ ...letter, waitSeconds: 60 }, sms]);
    expect(journey.next(60)).to.include({ kind: 'end', status: 'delivered' });
  });

  it('waits for whoever reads it where that is asked, and for nothing where taking it is enough', () => {
    expect(sent([{ ...letter, until: 'read' }]).next(1_000)).to.deep.equal({
      ...{ kind: 'wait', until: at(3_600), for: 'milestone' },
    });
    for (const until of ['accepted', 'sent'] as const) {
      expect(sent([{ ...letter, until }]).next(2)).to.include({ status: 'delivered' });
    }
  });

  it('is unknown, whatever the silence, where its provider did not say that it took it', () => {
    const journey = new Journey({ steps: [letter] }).start(0, { silenceSeconds: 10 });
    journey.answer(1, 'unknown', { errorClass: 'unknownOutcome' });
    expect(journey.next(20)).to.include({ kind: 'reconcile' });
    expect(journey.receipt(21, 'delayed').next(22)).to.include({ kind: 'wait', until: at(3_600) });
  });
});
