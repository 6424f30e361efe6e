/** How the queue is shown to operators. */
import { expect } from 'chai';
import { diagnose, queueShown } from '../../../api/admin/outreachQueue.js';
import type { WaitingMessages } from '../../../projections/outbox/waitingMessages.js';

const now = Date.parse('2026-11-20T10:00:00Z');
const depth = (
  waitsFor: WaitingMessages['waitsFor'],
  count: number,
  firstAt: number,
  more: Partial<WaitingMessages> = {},
): WaitingMessages => ({ channel: 'sms', class: 'otp', waitsFor, count, firstAt, ...more });

describe('the queue as operators see it', () => {
  it('tells apart what is ready, what waits for its time, what is on its way and what is unknown', () => {
    const [shown, ...others] = queueShown(
      [
        ...[depth('ready', 3, now - 2_500), depth('hold', 2, now + 60_000)],
        ...[depth('digest', 1, now + 5_000), depth('retry', 4, now + 9_000)],
        ...[depth('answer', 5, now + 7_000), depth('milestone', 6, now + 8_000)],
        depth('unknown', 7, now + 6_000),
      ],
      now,
    );
    expect(others).to.deep.equal([]);
    expect(shown).to.deep.equal({
      ...{ channel: 'sms', class: 'otp', ready: 3, oldestSeconds: 2.5, scheduled: 3, retrying: 4 },
      ...{ inFlight: 11, unknown: 7, nextDueAt: '2026-11-20T10:00:05.000Z' },
    });
  });

  it('has an entry for each channel and class', () => {
    const email = depth('ready', 1, now + 10, { channel: 'email', class: 'marketing' });
    const shown = queueShown([depth('ready', 1, now), email], now);
    expect(shown.map(({ channel }) => channel)).to.deep.equal(['sms', 'email']);
    expect(shown[1]).to.include({ oldestSeconds: 0, nextDueAt: null });
  });
});

describe('the health of a provider', () => {
  const record = { providerId: 'mail', status: 'active', disabled: null, breaker: null };
  const healthOf = (statuses: Record<string, number>, reasons = {}) => {
    const count = Object.values(statuses).reduce((all, one) => all + one, 0);
    const recent = { key: 'mail', count, statuses, reasons };
    return diagnose({ ...record, handicap: 0 } as never, recent as never);
  };

  it('is failing where it took nothing of what it was given, with what to do', () => {
    expect(
      healthOf({ retryable: 2, permanent: 1 }, { transient: 2, accountPermanent: 1 }),
    ).to.deep.equal({
      health: 'failing',
      explanation:
        'It took none of the 3 it was given in the last hour: 2 transient, 1 accountPermanent.',
      advice:
        'POST /admin/v1/outreach/providers/mail/test tries it with a message to yourself and tells what comes back.',
    });
  });

  it('is well where it took anything, or has not answered yet', () => {
    expect(healthOf({ retryable: 2, submitted: 1 }).health).to.equal('healthy');
    expect(healthOf({ started: 1 }).health).to.equal('healthy');
  });
});
