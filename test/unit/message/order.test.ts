/** Orders about messages that were accepted: cancelled or moved, once, by who asked for them. */
import { expect } from 'chai';
import { InvalidInput } from '../../../commands/validation.js';
import { Desk, tenant } from './desk.js';
import { accepted, sms } from './requests.js';

describe('An order about a message', () => {
  const order = (desk: Desk, key = 'order-1') => ({
    ...{ tenant, actor: { kind: 'partner', id: 'shop' } as const, now: desk.clock },
    ...{ idempotencyKey: key, correlationId: 'test' },
  });
  const shop = { kind: 'partner', id: 'shop' } as const;

  it('cancels what was not sent, and the same again is the same order', async () => {
    const desk = new Desk();
    const { messageId } = accepted(await desk.accept(sms));
    const answer = await desk.orders.cancel({ messageId }, order(desk), shop);
    expect(answer).to.deep.include({ outcome: 'cancelled', status: 'cancelled' });
    const again = await desk.orders.cancel({ messageId }, order(desk), shop);
    expect(again).to.deep.include({ outcome: 'cancelled', status: 'cancelled' });
    expect(desk.log.facts).to.have.length(2);
    expect(desk.message(messageId)?.status).to.equal('cancelled');
  });

  it('comes too late for what was cancelled before, and says how it stands', async () => {
    const desk = new Desk();
    const { messageId } = accepted(await desk.accept(sms));
    await desk.orders.cancel({ messageId }, order(desk), shop);
    const notBefore = '2026-03-02T12:00:00Z';
    const late = await desk.orders.reschedule({ messageId, notBefore }, order(desk, 'b'), shop);
    expect(late).to.deep.include({ outcome: 'too-late', status: 'cancelled' });
  });

  it('moves a message within what its class allows', async () => {
    const desk = new Desk();
    const { messageId } = accepted(await desk.accept({ ...sms, class: 'otp' }));
    const notBefore = '2026-03-02T12:00:00Z';
    const moved = await desk.orders.reschedule({ messageId, notBefore }, order(desk), shop);
    expect(moved).to.deep.include({ outcome: 'rescheduled', status: 'scheduled' });
    expect(desk.message(messageId)?.expiresAt).to.equal(Date.parse('2026-03-02T12:05:00Z'));
    const expiresAt = '2026-03-02T13:00:00Z';
    const refused = await desk.orders
      .reschedule({ messageId, notBefore, expiresAt }, order(desk, 'c'), shop)
      .catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(InvalidInput);
  });

  it('is refused under a key that another order had, and is the same whenever it comes again', async () => {
    const desk = new Desk();
    const { messageId } = accepted(await desk.accept(sms));
    const move = (notBefore: string) =>
      desk.orders.reschedule({ messageId, notBefore }, order(desk), shop).then(
        ({ outcome }) => outcome,
        (error: { code?: string }) => error.code,
      );
    expect(await move('2026-03-02T08:00:00Z')).to.equal('rescheduled');
    expect(await move('2026-03-02T10:00:00Z')).to.equal('idempotency-key-reused');
    desk.clock += 60_000;
    expect(await move('2026-03-02T08:00:00Z')).to.equal('rescheduled');
    const cancel = (reason: string) =>
      desk.orders.cancel({ messageId, reason }, order(desk), shop).then(
        ({ outcome }) => outcome,
        (error: { code?: string }) => error.code,
      );
    expect(await cancel('one')).to.equal('cancelled');
    expect(await cancel('two')).to.equal('idempotency-key-reused');
    expect(desk.log.facts).to.have.length(3);
  });

  it('is for its requester alone, or for the programme', async () => {
    const desk = new Desk();
    const { messageId } = accepted(await desk.accept(sms));
    const bank = { kind: 'partner', id: 'bank' } as const;
    const refused = await desk.orders
      .cancel({ messageId }, order(desk), bank)
      .catch((error: unknown) => error);
    expect(refused).to.deep.include({ code: 'message-not-found' });
    const answer = await desk.orders.cancel({ messageId }, order(desk), null);
    expect(answer.outcome).to.equal('cancelled');
  });
});
