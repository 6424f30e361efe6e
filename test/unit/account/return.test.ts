import { expect } from 'chai';
import { closeAccount } from '../../../domain/account/close.js';
import { after, buy, cancel, day, enrolled, given, giveBack, item, noon, under } from './spec.js';

const three = [item(1_000, 3), item(500)];

describe('returning a purchase', () => {
  it('takes back what the goods had earned', () => {
    given(after(enrolled, buy('p1', three)))
      .when(giveBack('p1', 'r1'))
      .then([
        {
          type: 'PurchaseReturned',
          data: { amount: 3_500, refund: 3_500, complete: true, balance: { active: 0 } },
        },
        { type: 'PointsClawedBack', data: { points: 3_500, lots: [{ lotId: 'p1' }], deficit: 0 } },
      ]);
  });

  it('gives back one line, or some of its quantity', () => {
    const bought = after(enrolled, buy('p1', three));
    given(bought)
      .when(giveBack('p1', 'r1', [{ position: 2 }]))
      .then([
        { type: 'PurchaseReturned', data: { amount: 500, complete: false } },
        { type: 'PointsClawedBack', data: { points: 500 } },
      ]);
    given(bought)
      .when(giveBack('p1', 'r1', [{ position: 1, quantity: 1_500 }]))
      .then([
        { type: 'PurchaseReturned', data: { amount: 1_500, lines: [{ quantity: 1_500 }] } },
        { type: 'PointsClawedBack', data: { points: 1_500 } },
      ]);
  });

  it('is complete with the return that leaves nothing', () => {
    const bought = after(enrolled, buy('p1', three));
    const once = after(bought, giveBack('p1', 'r1', [{ position: 1, quantity: 1_000 }]));
    given(once)
      .when(giveBack('p1', 'r2', [{ position: 2 }, { position: 1 }]))
      .then([{ type: 'PurchaseReturned', data: { complete: true } }, { type: 'PointsClawedBack' }]);
  });

  it('gives redeemed points back to their own lots, the longest-lived first', () => {
    const soon = after(enrolled, buy('soon', [item(1_000)], { rule: under({ lifetimeDays: 9 }) }));
    const late = after(soon, buy('late', [item(1_000)], { rule: under({ lifetimeDays: 20 }) }));
    const spent = after(late, buy('p', [item(1_000, 2)], { redeemPoints: 1_500 }));
    const [, restored] = given(spent)
      .when(giveBack('p', 'r1', [{ position: 1, quantity: 1_000 }]))
      .then([
        { type: 'PurchaseReturned', data: { amount: 1_000, paidByPoints: 7, refund: 993 } },
        { type: 'PointsRestored', data: { points: 750, repaid: 0 } },
        { type: 'PointsClawedBack' },
      ]);
    expect(restored?.data).to.containSubset({
      lots: [
        { lotId: 'soon', points: 250 },
        { lotId: 'late', points: 500 },
      ],
    });
    given(after(spent, giveBack('p', 'r1', [{ position: 1, quantity: 1_000 }])))
      .when(giveBack('p', 'r2'))
      .then([
        { type: 'PurchaseReturned', data: { paidByPoints: 8, refund: 992 } },
        { type: 'PointsRestored', data: { points: 750, lots: [{ lotId: 'soon', points: 750 }] } },
        { type: 'PointsClawedBack' },
      ]);
  });

  it('lets points of a lot that expired meanwhile expire at once, and says so', () => {
    const soon = after(enrolled, buy('soon', [item(1_000)], { rule: under({ lifetimeDays: 9 }) }));
    const spent = after(soon, buy('p', [item(2_000)], { redeemPoints: 1_000 }));
    given(spent)
      .when(giveBack('p', 'r', 'all', { now: noon + 10 * day }))
      .then([
        {
          type: 'PurchaseReturned',
          data: { why: [{ code: 'points-restored' }, { code: 'restored-points-expired' }] },
        },
        { type: 'PointsRestored', data: { points: 1_000 } },
        { type: 'PointsExpired', data: { points: 1_000, lots: [{ lotId: 'soon' }] } },
        { type: 'PointsClawedBack' },
      ]);
  });

  describe('when the earned points are spent already', () => {
    // p1 earns 1,000, and p2 of 2,000 is paid with all of them; p2 earns by another rule: nothing.
    const spent = (clawback: 'pendingOnly' | 'withinBalance' | 'allowDeficit') =>
      after(
        after(enrolled, buy('p1', [item(1_000)], { rule: under({ clawback }) })),
        buy('p2', [item(2_000)], {
          redeemPoints: 1_000,
          rule: under({ earn: { points: 0, per: 1 } }),
        }),
      );

    it('leaves a deficit where the policy allows it, and a later return repays it first', () => {
      const owing = after(spent('allowDeficit'), giveBack('p1', 'r1'));
      given(spent('allowDeficit'))
        .when(giveBack('p1', 'r1'))
        .then([
          { type: 'PurchaseReturned', data: { balance: { active: 0, deficit: 1_000 } } },
          { type: 'PointsClawedBack', data: { deficit: 1_000, forgiven: 0, lots: [] } },
        ]);
      given(owing)
        .when(giveBack('p2', 'r2'))
        .then([
          { type: 'PurchaseReturned', data: { balance: { active: 0, deficit: 0 } } },
          { type: 'PointsRestored', data: { points: 1_000, repaid: 1_000, lots: [] } },
        ]);
    });

    it('forgives what the balance does not hold', () => {
      given(spent('withinBalance'))
        .when(giveBack('p1', 'r1'))
        .then([
          { type: 'PurchaseReturned', data: { balance: { deficit: 0 } } },
          { type: 'PointsClawedBack', data: { deficit: 0, forgiven: 1_000 } },
        ]);
    });

    it('takes other active points within the balance', () => {
      given(after(spent('withinBalance'), buy('p3', [item(300)])))
        .when(giveBack('p1', 'r1'))
        .then([
          { type: 'PurchaseReturned' },
          {
            type: 'PointsClawedBack',
            data: { lots: [{ lotId: 'p3', points: 300 }], forgiven: 700 },
          },
        ]);
    });

    it('takes pending points alone where the policy goes no farther', () => {
      const pending = under({ clawback: 'pendingOnly', activationDelayDays: 1 });
      const asleep = after(enrolled, buy('p1', [item(1_000)], { rule: pending }));
      given(asleep)
        .when(giveBack('p1', 'r1'))
        .then([
          { type: 'PurchaseReturned' },
          { type: 'PointsClawedBack', data: { lots: [{ points: 1_000 }], forgiven: 0 } },
        ]);
      given(asleep)
        .when(giveBack('p1', 'r1', 'all', { now: noon + 2 * day }))
        .then([
          { type: 'PointsActivated' },
          { type: 'PurchaseReturned', data: { balance: { active: 1_000 } } },
          { type: 'PointsClawedBack', data: { lots: [], forgiven: 1_000 } },
        ]);
    });
  });

  it('decides nothing when it is sent again, even after the rest went back too', () => {
    const bought = after(enrolled, buy('p1', three));
    const part = giveBack('p1', 'r1', [{ position: 1, quantity: 1_000 }]);
    const once = after(bought, part);
    given(once).when(part).then([]);
    const twice = after(once, giveBack('p1', 'r2'));
    given(twice).when(part).then([]);
    given(twice).when(giveBack('p1', 'r2')).then([]);
  });

  it('is refused under the id of another return', () => {
    const once = after(
      after(enrolled, buy('p1', three)),
      giveBack('p1', 'r1', [{ position: 1, quantity: 1_000 }]),
    );
    given(once)
      .when(giveBack('p1', 'r1', [{ position: 1, quantity: 2_000 }]))
      .rejects('return-exists');
    given(once).when(giveBack('p1', 'r1')).rejects('return-exists');
    given(after(once, buy('p2', [item(5)])))
      .when(giveBack('p2', 'r1'))
      .rejects('return-exists');
  });

  it('is refused for more than is left, and for lines and purchases that are not there', () => {
    const bought = after(enrolled, buy('p1', three));
    given(bought)
      .when(giveBack('p1', 'r', [{ position: 1, quantity: 3_001 }]))
      .rejects('return-exceeds-purchase');
    given(bought)
      .when(giveBack('p1', 'r', [{ position: 9 }]))
      .rejects('line-not-found');
    given(bought)
      .when(giveBack('p1', 'r', [{ position: 1 }, { position: 1 }]))
      .rejects('position-repeated');
    given(bought).when(giveBack('p9', 'r')).rejects('purchase-not-found');
    given(bought)
      .when(giveBack('p1', 'r', 'all', { merchantId: 2 }))
      .rejects('foreign-merchant');
    given(after(bought, giveBack('p1', 'r1')))
      .when(giveBack('p1', 'r2'))
      .rejects('nothing-to-return');
  });

  it('gives back goods and money after the account was closed, but moves no points', () => {
    const closed = after(after(enrolled, buy('p1', three)), (state) =>
      closeAccount({ reason: 'asked', at: noon }, state),
    );
    given(closed)
      .when(giveBack('p1', 'r1'))
      .then([
        {
          type: 'PurchaseReturned',
          data: { refund: 3_500, why: [{ code: 'account-is-closed' }], balance: { active: 0 } },
        },
      ]);
  });
});

describe('cancelling a purchase', () => {
  const spent = after(
    after(enrolled, buy('p1', [item(1_000)])),
    buy('p2', three, { redeemPoints: 1_000 }),
  );

  it('undoes all that is left of it', () => {
    given(after(spent, giveBack('p2', 'r1', [{ position: 2 }])))
      .when(cancel('p2'))
      .then([
        {
          type: 'PurchaseCancelled',
          data: { amount: 3_000, balance: { active: 1_000, deficit: 0 } },
        },
        { type: 'PointsRestored' },
        { type: 'PointsClawedBack' },
      ]);
  });

  it('decides nothing when it is sent again', () => {
    given(after(spent, cancel('p2')))
      .when(cancel('p2'))
      .then([]);
  });

  it('leaves nothing to return, and nothing that was returned to cancel', () => {
    given(after(spent, cancel('p2')))
      .when(giveBack('p2', 'r'))
      .rejects('purchase-cancelled');
    given(after(spent, giveBack('p2', 'r')))
      .when(cancel('p2'))
      .rejects('nothing-to-return');
    given(spent).when(cancel('p9')).rejects('purchase-not-found');
  });
});
