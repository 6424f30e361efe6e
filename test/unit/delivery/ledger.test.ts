/** What is listed beside the cursor, where deliveries are of several events. */
import { expect } from 'chai';
import type { Attempt } from '../../../domain/delivery/events.js';
import { applyDelivery, newLedger } from '../../../domain/delivery/ledger.js';

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
