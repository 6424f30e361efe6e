/** What is listed beside the cursor, where deliveries are of several events. */
import { expect } from 'chai';
import type { Attempt } from '../../../domain/delivery/events.js';
import { applyDelivery } from '../../../domain/delivery/applyDelivery.js';
import { type Ledger, newLedger } from '../../../domain/delivery/ledger.js';

const attempt = (more: Partial<Attempt>): Attempt => ({
  webhookId: 'msg_0000000000000000000000',
  places: [3, 5, 6],
  ids: ['c3', 'c5', 'c6'],
  attempt: 1,
  cause: 'first',
  startedAt: 0,
  ms: 1,
  outcome: 'retry',
  next: 5_000,
  request: { url: 'https://bank.example/', headers: [], bytes: 2 },
  ...more,
});

const waitingBatch = () => {
  const ledger = newLedger(2);
  applyDelivery(ledger, { type: 'DeliveriesAttempted', data: { attempts: [attempt({})] } }, 0);
  expect([...ledger.waiting.values()].map(({ places }) => places)).to.deep.equal([[3, 5, 6]]);
  return ledger;
};

describe('a batch that waits for another attempt', () => {
  it('loses what is passed, range by range, and is done when nothing is left', () => {
    const ledger = waitingBatch();
    const pass = (first: number, last: number) =>
      applyDelivery(
        ledger,
        { type: 'DeliveriesPassed', data: { ranges: [{ first, last, reason: 'expired' }] } },
        0,
      );
    pass(3, 3);
    expect([...ledger.waiting.values()].map(({ places }) => places)).to.deep.equal([[5, 6]]);
    pass(5, 6);
    expect(ledger.waiting.size).to.equal(0);
  });

  it('is done when a replay delivered each of its events alone', () => {
    const ledger = waitingBatch();
    for (const place of [3, 5, 6]) {
      const alone = attempt({
        webhookId: `msg_${String(place).padStart(22, 'x')}`,
        places: [place],
        ids: [`c${place}`],
        cause: 'replay',
        outcome: 'delivered',
      });
      applyDelivery(ledger, { type: 'DeliveriesAttempted', data: { attempts: [alone] } }, 0);
    }
    expect(ledger.waiting.size).to.equal(0);
  });
});

const tellAttempt = (ledger: Ledger, more: Partial<Attempt>): void =>
  applyDelivery(ledger, { type: 'DeliveriesAttempted', data: { attempts: [attempt(more)] } }, 0);

describe('what failed for good', () => {
  const { webhookId, places } = attempt({});
  const parked = { webhookId, places, reason: 'too-many' as const };

  it('is parked with the number of attempts that were made', () => {
    const ledger = newLedger(2);
    for (let made = 1; made <= 10; made += 1) {
      tellAttempt(ledger, { attempt: made, outcome: made < 10 ? 'retry' : 'failed' });
    }
    applyDelivery(ledger, { type: 'DeliveriesParked', data: parked }, 7);
    expect(ledger.parked.get(webhookId)).to.deep.equal({
      ...{ places, attempt: 10, at: 7, reason: 'too-many', lane: null },
    });
  });

  it('is parked though the record of it broke off behind the last attempt', () => {
    const ledger = newLedger(2);
    tellAttempt(ledger, { attempt: 10, outcome: 'failed', lane: 'a' });
    expect(ledger.parked.get(webhookId)).to.deep.include({
      ...{ places, attempt: 10, reason: 'attempts-used', lane: 'a' },
    });
  });

  it('keeps counting where somebody asks for it once more', () => {
    const ledger = newLedger(2);
    tellAttempt(ledger, { attempt: 10, outcome: 'failed' });
    applyDelivery(ledger, { type: 'DeliveriesParked', data: parked }, 7);
    const order = { webhookId, places, by: 'user x' };
    applyDelivery(ledger, { type: 'DeliveryRequeued', data: order }, 9);
    expect(ledger.waiting.get(webhookId)).to.deep.include({ attempt: 10, cause: 'manual' });
    expect(ledger.parked.size).to.equal(0);
  });
});

describe('an event of a batch that is sent alone', () => {
  const alone = { webhookId: `msg_${'3'.padStart(22, 'x')}`, places: [3], ids: ['c3'] };
  const listed = (ledger: Ledger): number[][] =>
    [...ledger.waiting.values(), ...ledger.parked.values()].map(({ places }) => [...places]);

  it('is listed once, with what became of it last', () => {
    const ledger = waitingBatch();
    tellAttempt(ledger, { ...alone, cause: 'replay' });
    expect(listed(ledger)).to.deep.equal([[5, 6], [3]]);
    tellAttempt(ledger, { ...alone, cause: 'retry', outcome: 'delivered' });
    expect(listed(ledger)).to.deep.equal([[5, 6]]);
  });

  it('leaves its batch when somebody asks for it, and keeps its lane', () => {
    const ledger = newLedger(2);
    tellAttempt(ledger, { lane: '*' });
    const order = { webhookId: alone.webhookId, places: alone.places, by: 'user x' };
    applyDelivery(ledger, { type: 'DeliveryRequeued', data: order }, 0);
    expect(listed(ledger)).to.deep.equal([[5, 6], [3]]);
    expect(ledger.waiting.get(alone.webhookId)).to.deep.include({ lane: '*', cause: 'manual' });
  });
});

describe('a delivery that is skipped', () => {
  const { webhookId } = attempt({});
  const skip = (ledger: Ledger, places: number[] = [3, 5, 6]): void =>
    applyDelivery(
      ledger,
      { type: 'DeliverySkipped', data: { webhookId, places, by: 'user x' } },
      9,
    );

  it('is passed, whether it waits or is parked', () => {
    const waiting = waitingBatch();
    skip(waiting);
    const parked = waitingBatch();
    tellAttempt(parked, { attempt: 10, cause: 'retry', outcome: 'failed' });
    skip(parked);
    for (const ledger of [waiting, parked]) {
      expect([ledger.waiting.size, ledger.parked.size]).to.deep.equal([0, 0]);
      expect(ledger.counts.passed).to.equal(3);
      expect([...ledger.skipped]).to.deep.equal([[webhookId, [3, 5, 6]]]);
    }
  });

  it('stays so when an attempt that was under way fails, also for good', () => {
    const ledger = waitingBatch();
    skip(ledger);
    tellAttempt(ledger, { attempt: 2, cause: 'retry' });
    expect(ledger.waiting.size).to.equal(0);
    tellAttempt(ledger, { attempt: 10, cause: 'retry', outcome: 'failed' });
    const parked = { webhookId, places: [3, 5, 6], reason: 'attempts-used' as const };
    applyDelivery(ledger, { type: 'DeliveriesParked', data: parked }, 9);
    expect(ledger.parked.size).to.equal(0);
  });

  it('is left as it is where it had arrived', () => {
    const ledger = waitingBatch();
    tellAttempt(ledger, { attempt: 2, cause: 'retry', outcome: 'delivered' });
    skip(ledger);
    expect(ledger.counts).to.include({ delivered: 3, passed: 0 });
    expect(ledger.skipped.size).to.equal(0);
  });
});
