/**
 * Everything at once: campaigns of every kind, points with terms of their own, codes and granted coupons, limits for each customer,
 * stamp cards, challenges, streaks, instant wins and tiers, in random histories of one account. Whatever a purchase did, its full
 * return undoes, in however many parts and whatever happened besides.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { assertValid } from '../../../commands/validation.js';
import { account } from '../../../domain/account/account.js';
import type { BasketLine } from '../../../domain/account/basket.js';
import { accountEvents, type AccountEvent } from '../../../domain/account/events.js';
import { pointsIn } from '../../../domain/account/lots.js';
import type { Offer } from '../../../domain/account/offer.js';
import { fromSnapshot, toSnapshot } from '../../../domain/account/snapshot.js';
import type { Account } from '../../../domain/account/state.js';
import type { GameDefinition } from '../../../domain/game/definition.js';
import type { Campaign } from '../../../domain/pricing/campaign.js';
import type { Coupon } from '../../../domain/pricing/facts.js';
import type { ProgrammeRule } from '../../../domain/programme/rule.js';
import { Rejected } from '../../../domain/rejected.js';
import type { VersionedScheme } from '../../../domain/tier/scheme.js';
import { gamesOf } from '../game/spec.js';
import { basket, campaigns } from '../pricing/arbitrary.js';
import { campaign, onOffer } from './offers.js';
import {
  buy,
  cancel,
  day,
  type Decide,
  enrolled,
  giveBack,
  type History,
  item,
  noon,
  record,
  rule,
  under,
} from './spec.js';

const points = (amount: number, lifetimeDays?: number): Campaign['rewards'][number] & object =>
  ({ kind: 'points', points: amount, ...(lifetimeDays && { lifetimeDays }) }) as never;
const definitions: Record<string, GameDefinition> = {
  card: { kind: 'stampCard', goal: 3, validDays: null, reward: points(700) as never },
  c: {
    ...{ kind: 'challenge', unit: 'unit', goal: 4, window: { kind: 'each', period: 'month' } },
    reward: { kind: 'coupon', series: 'next', quantity: 2 },
  },
  daily: {
    ...{ kind: 'streak', period: 'day', length: 2, minimum: 1, repeats: true },
    reward: points(300, 40) as never,
  },
  scratch: {
    kind: 'instantWin',
    prizes: [
      { prize: 'points', chance: 300_000, stock: null, reward: points(900) as never },
      {
        ...{ prize: 'coupon', chance: 300_000, stock: null },
        reward: { kind: 'coupon', series: 'next', quantity: 1 },
      },
    ],
  },
};
const games = gamesOf(definitions);
const scheme: VersionedScheme = {
  version: 1,
  scheme: {
    basis: 'earned',
    window: { kind: 'days', days: 60 },
    levels: [
      { name: 'silver', from: 1_000 },
      { name: 'gold', from: 5_000 },
    ],
    graceDays: 0,
    downgrade: 'reached',
  },
};

const always = [
  campaign('win', [
    { kind: 'instant-win', game: 'scratch', prizes: [{ prize: 'x', chance: 500_000 }] },
  ]),
  campaign('daily_bonus', [{ kind: 'points-bonus', points: 250 }], {
    limits: { perCustomer: { uses: 1, per: 'day' } },
    pointsTerms: { activationDelayDays: 2, lifetimeDays: 20 },
  }),
  campaign('welcome', [{ kind: 'amount-off', amount: 60, per: 'receipt' }], {
    when: { kind: 'coupon', series: ['welcome'] },
  }),
  campaign('thanks', [{ kind: 'percent', basisPoints: 500 }], {
    when: { kind: 'coupon', series: ['next'] },
  }),
];
/** A receipt puts two stamps on a card of three: cards are completed by some and reopened by others. */
const modest = (one: Campaign): Campaign => ({
  ...one,
  rewards: one.rewards.map((reward) =>
    reward.kind === 'stamps' ? { ...reward, by: 'receipt' as const } : reward,
  ),
});
const limited = campaigns.map((made) => [
  ...made
    .map(modest)
    .map((one, index) =>
      index % 3 === 0
        ? { ...one, limits: { perCustomer: { uses: 2, per: 'month' as const } } }
        : one,
    ),
  ...always,
]);
const codes = new Map<string, Coupon>([
  ['W1', { code: 'W1', series: 'welcome' }],
  ['T1', { code: 'T1', series: 'ten' }],
]);

const lines = basket.map((given) =>
  given.map(({ position, productId, quantity, price, amount }): BasketLine => ({
    ...{ position, productId, quantity, price, amount },
  })),
);
const back = fc.array(
  fc.record({
    line: fc.integer({ min: 1, max: 8 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { maxLength: 5 },
);
const purchase = fc.record({
  bought: lines,
  /** Points that are spent, where they are there. */
  spend: fc.nat(4_000),
  days: fc.nat(2),
  draw: fc.nat(999_999),
  /** Shows a code, and the coupons that the account was granted. */
  shows: fc.boolean(),
  parts: back,
  cancels: fc.boolean(),
  offline: fc.boolean(),
});
const rules = fc
  .record({
    earnOnRedeemed: fc.boolean(),
    pointValue: fc.constantFrom(1, 7, 37),
    redeemMaxBasisPoints: fc.constantFrom(5_000, 10_000),
    activationDelayDays: fc.constantFrom(0, 0, 3),
  })
  .map((changes): ProgrammeRule => ({ ...rule, ...changes, clawback: 'allowDeficit' }));

type Bought = typeof purchase extends fc.Arbitrary<infer Value> ? Value : never;
const schemas = new Map(accountEvents.map(({ type, schema }) => [type as string, schema]));

/** An account that a story is told about; each event is checked as the codec does, and each decision is sent twice. */
const openStory = (programme: ProgrammeRule, made: readonly Campaign[]) => {
  const history: History = record(enrolled);
  let state = history.reduce(account.evolve, account.initial());
  let now = noon;

  const attempt = (decide: Decide, occurredAt = now): boolean => {
    let events: readonly AccountEvent[];
    try {
      events = decide(state, history);
    } catch (error) {
      if (error instanceof Rejected) return false;
      throw error;
    }
    for (const { type, data } of events) assertValid(schemas.get(type) ?? ({} as never), data);
    const recorded = record(events, history.length, occurredAt);
    history.push(...recorded);
    state = recorded.reduce(account.evolve, state);
    checkState(state);
    expect(decide(state, history), 'a repeat decides nothing').to.deep.equal([]);
    return true;
  };

  const offerFor = ({ shows, draw }: Bought): Offer => {
    const granted = [...state.coupons].flatMap(([id, { status }]) =>
      status === 'held' ? [id] : [],
    );
    return onOffer(made, {
      shown: shows ? ['W1', ...granted.slice(0, 3)] : [],
      ...{ coupons: codes, games, scheme, draws: { win: draw } },
    });
  };
  const buyThis = (id: string, wanted: Bought): boolean => {
    now += wanted.days * day;
    const { bought, offline } = wanted;
    const offer = offerFor(wanted);
    const options = {
      rule: under(programme),
      offer,
      now,
      ...(offline && { offline, occurredAt: now }),
    };
    const redeemPoints = offline ? 0 : wanted.spend;
    return (
      attempt(buy(id, bought, { ...options, redeemPoints })) || attempt(buy(id, bought, options))
    );
  };
  const partsOf = (id: string, { bought, parts }: Bought): Decide[] =>
    parts.flatMap(({ line, share }, index) => {
      const quantity = Math.ceil((bought[line - 1]?.quantity ?? 0) * share);
      const request = [{ position: line, quantity }];
      return quantity > 0 ? [giveBack(id, `${id}r${index}`, request, { now, scheme })] : [];
    });
  const rest = (id: string, { cancels }: Bought): Decide =>
    cancels ? cancel(id, { now, scheme }) : giveBack(id, `${id}rest`, 'all', { now, scheme });
  const undo = (id: string, wanted: Bought): void => {
    for (const part of partsOf(id, wanted)) attempt(part);
    attempt(rest(id, wanted));
  };
  return { history, state: () => state, attempt, buyThis, undo, partsOf, rest, now: () => now };
};

const checkState = ({ points: held, uses, counts }: Account): void => {
  const { active, activeTotal, pending, pendingTotal, deficit } = held;
  expect([pointsIn(active), pointsIn(pending)]).to.deep.equal([activeTotal, pendingTotal]);
  const lots = [...active, ...pending].map(({ lotId }) => lotId);
  expect(new Set(lots).size, 'each lot once').to.equal(lots.length);
  expect(Math.min(deficit, activeTotal + pendingTotal), 'who owes has nothing').to.equal(0);
  expect(counts.purchases).to.be.at.least(0);
  for (const { ever, days } of uses.values()) {
    expect(ever).to.be.at.least(0);
    for (const used of days.values()) expect(used).to.be.at.least(0);
  }
};

/** What of an account a purchase may change and its return has to restore; what it granted itself is left out. */
const traceOf = (state: Account, without: string) => ({
  points: {
    ...state.points,
    // When they woke is of no use any more, so a lot that comes back has forgotten it.
    active: state.points.active.map(({ activatesAt: _, ...lot }) => lot),
  },
  purchases: state.counts.purchases,
  uses: [...state.uses].flatMap(([id, { ever, days }]) =>
    ever > 0 ? [[id, ever, [...days]]] : [],
  ),
  coupons: [...state.coupons].flatMap(([id, { cause, status }]) =>
    cause === without ? [] : [[id, status]],
  ),
  figures: state.progress.tier.figures,
  games: {
    cards: [...state.progress.games.cards].flatMap(([name, { stamps, rounds }]) =>
      stamps + rounds > 0 ? [[name, stamps, rounds]] : [],
    ),
    challenges: [...state.progress.games.challenges].filter(([, periods]) => periods.length > 0),
    streaks: [...state.progress.games.streaks].flatMap(([name, { periods, rewarded }]) =>
      periods.length > 0 ? [[name, periods, rewarded]] : [],
    ),
  },
});

const seen = new Map<string, number>();
const noteTypes = (history: History): void => {
  for (const { type } of history) seen.set(type, (seen.get(type) ?? 0) + 1);
};

describe('an account under everything at once', () => {
  const past = fc.array(purchase, { maxLength: 4 });

  it('is as it was once a purchase is given back, in whatever parts', () => {
    fc.assert(
      fc.property(rules, limited, past, purchase, (programme, made, earlier, wanted) => {
        const story = openStory(programme, made);
        story.attempt(buy('s', [item(60_000)], { rule: under(programme) }));
        earlier.forEach((one, index) => {
          const id = `e${index}`;
          if (story.buyThis(id, one)) story.partsOf(id, one).forEach((part) => story.attempt(part));
        });
        // What is due by then is not the purchase's doing.
        const idle = { ...wanted, days: 0 };
        story.buyThis('idle', {
          ...idle,
          bought: [item(0)],
          shows: false,
          draw: 999_999,
          spend: 0,
        });
        const before = structuredClone(traceOf(story.state(), 'p'));
        if (!story.buyThis('p', idle)) return;
        story.undo('p', idle);
        for (const [of, trace] of Object.entries(traceOf(story.state(), 'p'))) {
          expect(trace, of).to.deep.equal(before[of as keyof typeof before]);
        }
        for (const { cause, status } of story.state().coupons.values()) {
          if (cause === 'p') expect(status, 'what it granted is gone').to.equal('withdrawn');
        }
        const json: unknown = JSON.parse(JSON.stringify(toSnapshot(story.state())));
        expect(fromSnapshot(json)).to.deep.equal(story.state());
        noteTypes(story.history);
      }),
      { numRuns: 150 },
    );
  });

  it('has gained and lost nothing once all is given back, in whatever order', () => {
    const order = fc.array(fc.nat(), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(rules, limited, past, order, (programme, made, purchases, turns) => {
        const story = openStory(programme, made);
        story.attempt(
          buy('s', [item(60_000)], { rule: under({ ...programme, activationDelayDays: 0 }) }),
        );
        const before = structuredClone(traceOf(story.state(), ''));
        const open = purchases.flatMap((one, index) =>
          story.buyThis(`p${index}`, one) ? [[`p${index}`, one] as const] : [],
        );
        for (let turn = 0; open.length > 0; turn += 1) {
          const [[id, one]] = open.splice((turns[turn] ?? 0) % open.length, 1) as [
            readonly [string, Bought],
          ];
          story.undo(id, one);
        }
        const { points: held, uses, purchases: left, figures } = traceOf(story.state(), '');
        const worth = ({
          activeTotal,
          pendingTotal,
          deficit,
        }: Pick<Account['points'], 'activeTotal' | 'pendingTotal' | 'deficit'>) =>
          activeTotal + pendingTotal - deficit;
        expect(worth(held), 'points').to.equal(worth(before.points));
        expect(uses).to.deep.equal([]);
        expect(left).to.equal(1);
        expect(figures).to.deep.equal(before.figures);
        for (const [id, { status }] of story.state().coupons) {
          expect(status, `${id}: no coupon without a purchase`).to.equal('withdrawn');
        }
        for (const { stamps, rounds } of story.state().progress.games.cards.values()) {
          expect([stamps, rounds]).to.deep.equal([0, 0]);
        }
        for (const periods of story.state().progress.games.challenges.values()) {
          expect(periods).to.deep.equal([]);
        }
        for (const { periods } of story.state().progress.games.streaks.values()) {
          expect(periods).to.deep.equal([]);
        }
        noteTypes(story.history);
      }),
      { numRuns: 100 },
    );
  });

  it('went through everything', () => {
    expect([...seen.keys()]).to.include.members([
      ...['CouponRedeemed', 'CouponRestored', 'CouponGranted', 'CouponWithdrawn'],
      ...['StampsCollected', 'StampCardCompleted', 'StampsTakenBack', 'StampCardReopened'],
      ...['ChallengeAdvanced', 'ChallengeCompleted', 'ChallengeSetBack', 'ChallengeReopened'],
      ...['StreakExtended', 'StreakCompleted', 'StreakSetBack', 'StreakReopened'],
      ...['InstantWinDrawn', 'InstantWinTakenBack', 'TierChanged', 'TierFiguresTakenBack'],
      ...['PointsRedeemed', 'PointsRestored', 'PointsEarned', 'PointsClawedBack'],
    ]);
  });
});
