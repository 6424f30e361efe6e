import { expect } from 'chai';
import { closeAccount } from '../../../domain/account/close.js';
import type { AccountEvent } from '../../../domain/account/events.js';
import { nextDue, settlePoints } from '../../../domain/account/settle.js';
import { after, buy, day, enrolled, fold, given, item, noon, record, under } from './spec.js';

const rule = under({ activationDelayDays: 2, lifetimeDays: 5 });
const bought = after(enrolled, buy('p1', [item(1_000)], { rule }));
const settledAt = (asOf: number) => (state: Parameters<typeof settlePoints>[1]) =>
  settlePoints({ asOf }, state);

describe('settling what is due', () => {
  it('does nothing before its time, and wakes points on the moment', () => {
    given(bought)
      .when(settledAt(noon + 2 * day - 1))
      .then([]);
    given(bought)
      .when(settledAt(noon + 2 * day))
      .then([{ type: 'PointsActivated', data: { points: 1_000, asOf: noon + 2 * day } }]);
  });

  it('wakes and expires at once what slept through both', () => {
    given(bought)
      .when(settledAt(noon + 7 * day))
      .then([
        { type: 'PointsActivated', data: { points: 1_000 } },
        { type: 'PointsExpired', data: { points: 1_000 } },
      ]);
  });

  it('does nothing a second time', () => {
    given(after(bought, settledAt(noon + 9 * day)))
      .when(settledAt(noon + 9 * day))
      .then([]);
  });

  it('knows when something is due next', () => {
    const at = (events: readonly AccountEvent[]) => nextDue(fold(record(events)).points);
    expect(at(enrolled)).to.equal(null);
    expect(at(bought)).to.equal(noon + 2 * day);
    expect(at(after(bought, settledAt(noon + 3 * day)))).to.equal(noon + 7 * day);
    expect(at(after(enrolled, buy('p', [item(100)])))).to.equal(null);
  });

  it('leaves a closed account alone and knows no account that is not there', () => {
    const closed = after(bought, (state) => closeAccount({ reason: 'asked', at: noon }, state));
    given(closed)
      .when(settledAt(noon + 9 * day))
      .then([]);
    given([]).when(settledAt(noon)).rejects('account-not-found');
  });
});

describe('closing an account', () => {
  it('forfeits what it holds, asleep or awake, but not what had expired', () => {
    const held = after(bought, buy('p2', [item(300)], { now: noon + day }));
    given(held)
      .when((state) => closeAccount({ reason: 'asked', at: noon + 8 * day }, state))
      .then([
        { type: 'PointsActivated' },
        { type: 'PointsExpired', data: { points: 1_000 } },
        { type: 'AccountClosed', data: { forfeited: 300 } },
      ]);
  });
});
