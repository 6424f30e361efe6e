/** What returns take back of games, coupons and tiers in the corners: closed accounts, points of games alone, no tiers yet. */
import { expect } from 'chai';
import { adjustPoints } from '../../../domain/account/adjust.js';
import { closeAccount } from '../../../domain/account/close.js';
import type { Coupon } from '../../../domain/pricing/facts.js';
import { gamesOf } from '../game/spec.js';
import { campaign, onOffer, tenPercent } from './offers.js';
import {
  after,
  buy,
  type Decide,
  enrolled,
  fold,
  given,
  giveBack,
  item,
  noon,
  record,
  under,
} from './spec.js';

const close: Decide = (state) => closeAccount({ reason: 'asked', at: noon }, state);

describe('a return to an account that was closed', () => {
  it('gives back the codes and prizes that others may use', () => {
    const games = gamesOf({
      scratch: {
        kind: 'instantWin',
        prizes: [{ prize: 'a bicycle', chance: 1_000_000, stock: 1, reward: null }],
      },
    });
    const win = campaign('win', [
      { kind: 'instant-win', game: 'scratch', prizes: [{ prize: 'a bicycle', chance: 1 }] },
    ]);
    const welcome = campaign('welcome', tenPercent.rewards, {
      when: { kind: 'coupon', series: ['hello'] },
    });
    const coupons = new Map<string, Coupon>([['HELLO1', { code: 'HELLO1', series: 'hello' }]]);
    const offer = onOffer([win, welcome], {
      ...{ games, draws: { win: 0 }, shown: ['HELLO1'], coupons },
    });
    const closed = after(after(enrolled, buy('p', [item(1_000)], { offer })), close);
    given(closed)
      .when(giveBack('p', 'r'))
      .then([
        {
          type: 'PurchaseReturned',
          data: { refund: 900, why: [{}, { code: 'account-is-closed' }] },
        },
        { type: 'CouponRestored', data: { code: 'HELLO1', cause: 'r' } },
        { type: 'InstantWinTakenBack', data: { prize: 'a bicycle' } },
      ]);
  });
});

describe('a return of a purchase that earned nothing but points of a game', () => {
  const card = campaign('stamps', [{ kind: 'stamps', card: 'card', by: 'receipt', stamps: 1 }]);
  const games = gamesOf({
    card: { kind: 'stampCard', goal: 1, validDays: null, reward: { kind: 'points', points: 700 } },
  });

  for (const [clawback, deficit] of [
    ['allowDeficit', 700],
    ['withinBalance', 0],
    ['pendingOnly', 0],
  ] as const) {
    it(`takes them back as the rule of the purchase says: ${clawback}`, () => {
      const rule = under({ earn: { points: 0, per: 1 }, clawback });
      const bought = after(
        enrolled,
        buy('p', [item(1_000)], { rule, offer: onOffer([card], { games }) }),
      );
      const spent = after(bought, (state) => {
        const adjustment = { adjustmentId: 'a', points: -700, reason: 'spent', at: noon };
        return adjustPoints(adjustment, state, rule.rule, null);
      });
      const [, clawedBack] = given(spent)
        .when(giveBack('p', 'r'))
        .then([
          { type: 'PurchaseReturned', data: { balance: { active: 0, deficit } } },
          { type: 'PointsClawedBack', data: { policy: clawback, points: 700, deficit } },
          { type: 'StampCardReopened' },
          { type: 'StampsTakenBack' },
        ]);
      expect(clawedBack?.data).to.include({ forgiven: 700 - deficit });
    });
  }
});

describe('a return before the programme has tiers', () => {
  it('is not counted for them once it has', () => {
    const bought = after(enrolled, buy('p', [item(1_000)]));
    const returned = after(bought, giveBack('p', 'r'));
    const { figures } = fold(record(returned)).progress.tier;
    expect(figures).to.deep.equal({ days: [], earlier: { spent: 0, earned: 0 } });
  });
});
