/** One message from its request to its end: what it needs next, and what receipts and orders do to it. */
import { expect } from 'chai';
import type { MessageId } from '../../../domain/ids.js';
import { retryDelayMs, shownStatus, triesMax } from '../../../domain/message/message.js';
import { at, email, iso, Journey, messageId, push, sms } from './journey.js';

describe('A message', () => {
  it('is sent at once where nothing stands against it', () => {
    expect(new Journey().next(0)).to.deep.equal({ kind: 'send', step: 0 });
  });

  it('waits for its time, its digest and what it is held for, whichever is last', () => {
    const digest = { key: 'day', until: iso(120) };
    const later = new Journey({ notBefore: iso(60), digest });
    expect(later.message.status).to.equal('scheduled');
    expect(later.next(0)).to.deep.equal({ kind: 'wait', until: at(120), for: 'digest' });
    later.hold(1, 300, 'quiet-hours');
    expect(later.next(2)).to.deep.equal({ kind: 'wait', until: at(300), for: 'hold' });
    expect(later.next(300).kind).to.equal('send');
  });

  it('ends as delivered at its milestone, and names the proof', () => {
    const journey = new Journey().start(1).answer(2, 'submitted');
    expect(journey.message.status).to.equal('inProgress');
    expect(journey.next(3)).to.deep.equal({ kind: 'wait', until: at(601), for: 'milestone' });
    journey.receipt(4, 'deliveredToOperator');
    expect(journey.next(5).kind).to.equal('wait');
    journey.receipt(6, 'delivered');
    expect(journey.next(7)).to.deep.equal({
      kind: 'end',
      status: 'delivered',
      reason: 'delivered',
    });
    expect(journey.obey(7).next(8)).to.deep.equal({ kind: 'done' });
  });

  it('takes the answer as proof where that is what its step asks, or all that the provider tells', () => {
    const accepted = { kind: 'end', status: 'delivered', reason: 'accepted' };
    const mail = new Journey({ steps: [email] }).start(1).answer(2, 'submitted');
    expect(mail.next(3)).to.deep.equal(accepted);
    const silent = new Journey().start(1, { receipts: 'none' }).answer(2, 'submitted');
    expect(silent.next(3)).to.deep.equal(accepted);
  });

  it('is undelivered when nothing proves it in time, and delivered where only reading is missing', () => {
    const unproved = new Journey().start(1).answer(2, 'submitted');
    const end = { kind: 'end', status: 'undelivered', reason: 'not-in-time' };
    expect(unproved.next(601)).to.deep.equal(end);
    const unread = new Journey({ steps: [{ ...sms, until: 'read' }] }).start(1);
    unread.answer(2, 'submitted').receipt(3, 'delivered');
    expect(unread.next(601)).to.deep.include({ kind: 'end', status: 'delivered' });
  });

  it('joins a receipt that comes before the answer', () => {
    const journey = new Journey().start(1).receipt(2, 'delivered');
    expect(journey.next(3)).to.deep.include({ status: 'delivered' });
    journey.answer(4, 'submitted');
    expect(journey.message.attempts[0]).to.deep.include({ receipt: 'delivered' });
  });

  it('never takes a delivery back', () => {
    const journey = new Journey().start(1).answer(2, 'submitted').receipt(3, 'delivered');
    journey.receipt(4, 'undelivered');
    expect(journey.message.attempts[0]?.receipt).to.equal('delivered');
  });

  it('is tried again on a schedule of its own, six times at most', () => {
    const journey = new Journey({ expiresAt: iso(86_400) });
    let now = 0;
    const waits: number[] = [];
    for (let tries = 1; tries <= triesMax; tries += 1) {
      expect(journey.next(now), `try ${tries}`).to.deep.equal({ kind: 'send', step: 0 });
      journey.start(now).answer(now, 'retryable', { errorClass: 'transient' });
      const next = journey.next(now);
      if (next.kind !== 'wait') continue;
      expect(next.for).to.equal('retry');
      waits.push((next.until - at(now)) / 1_000);
      now = (next.until - at(0)) / 1_000;
    }
    const planned = [5, 30, 120, 600, 1_800];
    expect(waits).to.have.length(planned.length);
    planned.forEach((delay, i) => expect(waits[i]).to.be.within(delay * 0.8, delay * 1.2));
    expect(journey.next(now)).to.deep.equal({
      ...{ kind: 'end', status: 'failed', reason: 'attempts-used' },
    });
  });

  it('spreads the retries of many', () => {
    const ids = Array.from({ length: 50 }, (_, i) => i.toString(16).padStart(32, '0') as MessageId);
    expect(new Set(ids.map((id) => retryDelayMs(id, 1))).size).to.be.greaterThan(40);
    expect(retryDelayMs(messageId, triesMax)).to.equal(null);
  });

  it('obeys a provider that throttles, without counting it as a try', () => {
    const journey = new Journey();
    for (let i = 0; i < 20; i += 1) {
      journey.start(i * 10).answer(i * 10, 'throttled', { retryAt: iso(i * 10 + 9) });
      expect(journey.next(i * 10 + 1)).to.deep.equal({
        ...{ kind: 'wait', until: at(i * 10 + 9), for: 'retry' },
      });
    }
    expect(journey.next(200)).to.deep.equal({ kind: 'send', step: 0 });
  });

  it('expires rather than being sent late', () => {
    const held = new Journey().hold(1, 7_200, 'quiet-hours');
    expect(held.next(2)).to.deep.equal({ kind: 'wait', until: at(3_600), for: 'hold' });
    expect(held.next(3_600)).to.deep.equal({
      ...{ kind: 'end', status: 'expired', reason: 'quiet-hours' },
    });
    const tried = new Journey().start(3_500).answer(3_500, 'retryable', { retryAt: iso(4_000) });
    expect(tried.next(3_599)).to.deep.equal({ kind: 'wait', until: at(3_600), for: 'retry' });
    expect(tried.next(3_600)).to.deep.include({ status: 'expired' });
  });

  it('asks after an attempt that nobody answered, and does not send it again', () => {
    const journey = new Journey().start(1);
    expect(journey.next(2)).to.deep.equal({ kind: 'wait', until: at(61), for: 'answer' });
    expect(journey.next(61)).to.deep.equal({ kind: 'reconcile', attempt: 1 });
    journey.answer(62, 'unknown', { reconciled: true });
    expect(journey.next(63)).to.deep.equal({ kind: 'wait', until: at(601), for: 'milestone' });
    expect(journey.next(601)).to.deep.equal({
      ...{ kind: 'end', status: 'undelivered', reason: 'outcome-unknown' },
    });
  });

  it('asks again after one that the provider cannot tell of yet', () => {
    const journey = new Journey().start(1).answer(2, 'unknown', { errorClass: 'unknownOutcome' });
    expect(journey.next(3)).to.deep.equal({ kind: 'reconcile', attempt: 1 });
    journey.answer(4, 'unknown', { reconciled: true, retryAt: iso(30) });
    expect(journey.next(5)).to.deep.equal({ kind: 'wait', until: at(30), for: 'answer' });
    expect(journey.next(30)).to.deep.equal({ kind: 'reconcile', attempt: 1 });
  });

  it('is sent again when the provider says that it never arrived', () => {
    const journey = new Journey().start(1).answer(2, 'unknown');
    journey.answer(3, 'retryable', { reconciled: true, retryAt: iso(3) });
    expect(journey.next(4)).to.deep.equal({ kind: 'send', step: 0 });
  });

  it('is told what became of it before it is sent another way', () => {
    const journey = new Journey().start(1).answer(2, 'unknown');
    journey.answer(3, 'submitted', { reconciled: true }).receipt(4, 'delivered');
    expect(journey.next(5)).to.deep.include({ status: 'delivered' });
  });
});

describe('A cascade', () => {
  const cascade = { steps: [push, sms] };

  it('goes on when the milestone is not reached in time', () => {
    const journey = new Journey(cascade).start(0).answer(1, 'submitted');
    expect(journey.next(59).kind).to.equal('wait');
    expect(journey.next(60)).to.deep.equal({ kind: 'advance', to: 1, reason: 'not-in-time' });
    expect(journey.obey(60).next(61)).to.deep.equal({ kind: 'send', step: 1 });
  });

  it('goes on at once where the recipient cannot be reached, or a retry would come too late', () => {
    const gone = new Journey(cascade).start(0);
    gone.answer(1, 'permanent', { errorClass: 'recipientPermanent' });
    expect(gone.next(2)).to.deep.equal({ kind: 'advance', to: 1, reason: 'recipient' });
    const slow = new Journey(cascade).start(0).answer(1, 'throttled', { retryAt: iso(90) });
    expect(slow.next(2)).to.deep.equal({ kind: 'advance', to: 1, reason: 'not-in-time' });
  });

  it('does not count the night as time of a step', () => {
    const journey = new Journey(cascade).hold(1, 600, 'quiet-hours');
    expect(journey.next(120).kind).to.equal('wait');
    expect(journey.next(600)).to.deep.equal({ kind: 'send', step: 0 });
    const stuck = new Journey(cascade).hold(1, 600, 'no-provider');
    expect(stuck.next(120)).to.deep.equal({ kind: 'advance', to: 1, reason: 'no-provider' });
  });

  it('says a text that nobody carries no second time, another one it does', () => {
    const refused = { errorClass: 'contentPermanent' } as const;
    const same = new Journey(cascade).start(0).answer(1, 'permanent', refused);
    expect(same.next(2)).to.deep.equal({ kind: 'end', status: 'failed', reason: 'content' });
    const template = { templateId: 'short' as never, version: 1 };
    const other = new Journey({ steps: [push, sms, { ...sms, template }] });
    other.start(0).answer(1, 'permanent', refused);
    expect(other.next(2)).to.deep.equal({ kind: 'advance', to: 2, reason: 'content' });
  });

  it('ends with an earlier step that proves delivered after all, before the next was sent', () => {
    const journey = new Journey(cascade).start(0).answer(1, 'submitted').obey(60);
    journey.receipt(61, 'delivered', { attempt: 1 });
    expect(journey.next(62)).to.deep.include({ kind: 'end', status: 'delivered' });
    expect(journey.message).to.deep.include({ lateReceipts: 1, deliveredTwice: false });
  });

  it('marks what reached its recipient twice', () => {
    const journey = new Journey(cascade).start(0).answer(1, 'submitted').obey(60);
    journey.start(61).answer(62, 'submitted').receipt(63, 'delivered').obey(64);
    expect(journey.message).to.deep.include({ status: 'delivered', deliveredTwice: false });
    journey.receipt(70, 'delivered', { attempt: 1 });
    expect(journey.message).to.deep.include({
      ...{ status: 'delivered', lateReceipts: 1, deliveredTwice: true },
    });
  });

  it('starts no step after it expired', () => {
    const journey = new Journey({ ...cascade, expiresAt: iso(30) }).start(0);
    journey.answer(1, 'submitted');
    expect(journey.next(60)).to.deep.equal({
      ...{ kind: 'end', status: 'undelivered', reason: 'expired' },
    });
  });
});

describe('An order of the requester', () => {
  it('holds while nothing of the message may arrive', () => {
    const fresh = new Journey().cancel(5);
    expect(fresh.message).to.deep.include({ status: 'cancelled', reason: 'withdrawn' });
    expect(fresh.message.orders.at(-1)?.outcome).to.equal('carried-out');
    const refused = new Journey().start(1).answer(2, 'retryable').cancel(3);
    expect(refused.message.status).to.equal('cancelled');
    expect(refused.next(4)).to.deep.equal({ kind: 'done' });
  });

  it('comes too late for one that may be on its way', () => {
    for (const journey of [
      new Journey().start(1),
      new Journey().start(1).answer(2, 'unknown'),
      new Journey().start(1).answer(2, 'submitted'),
    ]) {
      journey.cancel(3);
      expect(journey.message.status).to.equal('inProgress');
      expect(journey.message.orders.at(-1)?.outcome).to.equal('too-late');
    }
  });

  it('moves a message, which stays worth sending for as long as before', () => {
    const journey = new Journey().reschedule(5, 7_200);
    expect(journey.message).to.deep.include({
      ...{ status: 'scheduled', notBefore: at(7_200), expiresAt: at(10_800) },
    });
    journey.reschedule(6, 60, 120);
    expect(journey.message).to.deep.include({ notBefore: at(60), expiresAt: at(120) });
    expect(journey.next(7)).to.deep.equal({ kind: 'wait', until: at(60), for: 'not-before' });
  });
});

describe('A digest', () => {
  it('hands its parts over to the one that says them all', () => {
    const other = 'f'.repeat(32) as MessageId;
    const data = { into: other, messageIds: [messageId, other] };
    const part = new Journey().record(1, { type: 'MessagesDigested', data });
    expect(part.message.digestedInto).to.equal(other);
    expect(part.next(2)).to.deep.equal({ kind: 'done' });
    expect(shownStatus(part.message)).to.equal('digested');
    const whole = new Journey();
    whole.record(1, {
      ...{ type: 'MessagesDigested', data: { into: messageId, messageIds: [other] } },
    });
    expect(whole.message.digests).to.deep.equal([other]);
    expect(whole.next(2).kind).to.equal('send');
    expect(shownStatus(whole.message)).to.equal(whole.message.status);
  });
});
