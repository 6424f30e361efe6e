import { expect } from 'chai';
import type { PurchaseId } from '../../../domain/ids.js';
import { dayMs, dayOf } from '../../../domain/tier/figures.js';
import { judgePurchase, judgeReturn, nextReview, settleTier } from '../../../domain/tier/judge.js';
import type { TierScheme, VersionedScheme } from '../../../domain/tier/scheme.js';
import { initialStanding, type Standing } from '../../../domain/tier/standing.js';

const start = Date.UTC(2026, 0, 10, 12);
const purchaseId = 'p' as PurchaseId;

const scheme = (changes: Partial<TierScheme> = {}): VersionedScheme => ({
  version: 1,
  scheme: {
    basis: 'spent',
    window: { kind: 'days', days: 90 },
    levels: [
      { name: 'silver', from: 10_000 },
      { name: 'gold', from: 50_000 },
    ],
    graceDays: 0,
    downgrade: 'reached',
    ...changes,
  },
});

/** A customer whose story is told day by day; what was decided is in `told`. */
const customer = (current: VersionedScheme | null = scheme()) => {
  let standing: Standing = initialStanding;
  const told: string[] = [];
  const take = ({ events, standing: after }: ReturnType<typeof settleTier>) => {
    standing = after;
    for (const { type, data } of events) {
      if (type === 'TierChanged') told.push(`${data.from} > ${data.to}`);
      else if (type !== 'TierFiguresTakenBack') told.push(type);
    }
    return events;
  };
  const at = (day: number) => start + day * dayMs;
  return {
    told,
    standing: () => standing,
    buy: (day: number, spent: number) => {
      take(settleTier(standing, current, at(day)));
      const purchase = { purchaseId, day: dayOf(at(day)), now: at(day), spent, earned: spent };
      return take(judgePurchase(standing, current, purchase));
    },
    giveBack: (day: number, of: number, spent: number) => {
      take(settleTier(standing, current, at(day)));
      const returned = { purchaseId, cause: 'r', day: dayOf(at(of)), now: at(day) };
      return take(judgeReturn(standing, current, { ...returned, spent, earned: spent }));
    },
    wait: (day: number) => take(settleTier(standing, current, at(day))),
    level: () => standing.level,
  };
};

describe('a tier', () => {
  it('is reached at once by the purchase that takes the figure there', () => {
    const ada = customer();
    ada.buy(0, 9_999);
    expect(ada.level()).to.equal(null);
    const [event] = ada.buy(1, 1);
    expect(event).to.containSubset({
      type: 'TierChanged',
      data: { from: null, to: 'silver', figure: 10_000, cause: 'purchase', purchaseId: 'p' },
    });
    ada.buy(2, 500_000);
    expect(ada.told).to.deep.equal(['null > silver', 'silver > gold']);
  });

  it('counts only what lies in the window', () => {
    const ada = customer();
    ada.buy(0, 9_000);
    ada.buy(90, 9_000);
    expect(ada.level()).to.equal(null);
    ada.buy(179, 1_000);
    expect(ada.level()).to.equal('silver');
  });

  it('counts points where the scheme says so', () => {
    const ada = customer(scheme({ basis: 'earned' }));
    ada.buy(0, 10_000);
    expect(ada.level()).to.equal('silver');
  });

  it('is kept for its period and lost at the end of it, down to what was reached', () => {
    const ada = customer();
    ada.buy(0, 60_000);
    ada.buy(89, 60_000);
    ada.wait(90);
    ada.buy(100, 12_000);
    expect(ada.wait(179)).to.deep.equal([]);
    const [event] = ada.wait(180);
    expect(event).to.containSubset({
      type: 'TierChanged',
      data: { from: 'gold', to: 'silver', figure: 12_000, cause: 'review' },
    });
    expect(nextReview(ada.standing())).to.equal(dayOf(start + 270 * dayMs) * dayMs);
  });

  it('is kept for another period where it was reached again', () => {
    const ada = customer();
    ada.buy(0, 10_000);
    ada.buy(50, 10_000);
    ada.wait(90);
    expect(ada.told).to.deep.equal(['null > silver', 'TierKept']);
    ada.wait(400);
    expect(ada.told.slice(2)).to.deep.equal(['silver > null']);
    expect(nextReview(ada.standing())).to.equal(null);
  });

  it('goes down one level at a time where the scheme says so', () => {
    const ada = customer(scheme({ downgrade: 'oneLevel' }));
    ada.buy(0, 50_000);
    ada.wait(181);
    expect(ada.told).to.deep.equal(['null > gold', 'TierKept', 'gold > silver']);
    ada.wait(400);
    expect(ada.level()).to.equal(null);
  });

  it('has a grace in which it can still be reached', () => {
    const current = scheme({ graceDays: 10, window: { kind: 'year' } });
    const ada = customer(current);
    ada.buy(0, 50_000);
    ada.wait(356); // 2027-01-01: reached in 2026, kept through 2027
    ada.buy(400, 49_000);
    ada.wait(721); // 2028-01-01
    expect(ada.told).to.deep.equal(['null > gold', 'TierKept', 'TierGraceGranted']);
    ada.buy(725, 1_000);
    ada.wait(740);
    expect(ada.told.slice(3)).to.deep.equal(['TierKept']);
    expect(nextReview(ada.standing())).to.equal(Date.UTC(2029, 0, 1));
  });

  it('is lost when the grace is over', () => {
    const ada = customer(scheme({ graceDays: 10 }));
    ada.buy(0, 10_000);
    ada.wait(180);
    ada.wait(191);
    expect(ada.told).to.deep.equal([
      'null > silver',
      'TierKept',
      'TierGraceGranted',
      'silver > null',
    ]);
  });

  it('is never reviewed where it counts since enrolment', () => {
    const ada = customer(scheme({ window: { kind: 'ever' } }));
    ada.buy(0, 5_000);
    ada.buy(2_000, 5_000);
    expect(ada.wait(9_999)).to.deep.equal([]);
    expect(ada.level()).to.equal('silver');
  });

  it('is looked at again at the end of the day on which a return took back what proved it', () => {
    const ada = customer();
    ada.buy(0, 10_000);
    ada.giveBack(1, 0, 10_000);
    expect(ada.level()).to.equal('silver');
    ada.wait(2);
    expect(ada.told).to.deep.equal(['null > silver', 'TierReviewBroughtForward', 'silver > null']);
  });

  it('stays where the goods were bought again on that day', () => {
    const ada = customer();
    ada.buy(0, 10_000);
    const period = nextReview(ada.standing());
    ada.giveBack(1, 0, 10_000);
    ada.buy(1, 11_000);
    ada.wait(2);
    expect(ada.told).to.deep.equal(['null > silver', 'TierReviewBroughtForward', 'TierKept']);
    expect(nextReview(ada.standing())).to.equal(period);
  });

  it('is not touched by a return of what did not matter', () => {
    const ada = customer();
    ada.buy(0, 10_000);
    ada.buy(1, 500);
    ada.giveBack(2, 1, 500);
    expect(ada.told).to.deep.equal(['null > silver']);
  });

  it('is counted, and not judged, while there is no scheme', () => {
    const ada = customer(null);
    ada.buy(0, 60_000);
    expect(ada.told).to.deep.equal([]);
    expect(settleTier(ada.standing(), scheme(), start).events).to.deep.equal([]);
    const more = { purchaseId, day: dayOf(start), now: start, spent: 1, earned: 0 };
    expect(judgePurchase(ada.standing(), scheme(), more).standing.level).to.equal('gold');
  });

  it('that the scheme does not have any more goes at its review', () => {
    const ada = customer();
    ada.buy(0, 10_000);
    const renamed = scheme({ levels: [{ name: 'amber', from: 5_000 }] });
    const { events } = settleTier(ada.standing(), renamed, start + 90 * dayMs);
    expect(events).to.containSubset([{ data: { from: 'silver', to: 'amber' } }]);
  });
});
