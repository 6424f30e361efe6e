import { expect } from 'chai';
import type { GameName } from '../../../domain/game/definition.js';
import { prizeFor } from '../../../domain/game/play.js';
import { coffee, customerOf, gamesOf, stamps, towards, types } from './spec.js';

const games = gamesOf({
  coffee: { kind: 'stampCard', goal: 5, validDays: 30, reward: coffee },
  fruit: {
    kind: 'challenge',
    unit: 'amount',
    goal: 3_000,
    window: { kind: 'each', period: 'week' },
    reward: coffee,
  },
  spring: {
    kind: 'challenge',
    unit: 'receipt',
    goal: 2,
    window: { kind: 'dates', from: '2026-03-03', until: '2026-03-05' },
    reward: coffee,
  },
  scratch: {
    kind: 'instantWin',
    prizes: [
      { prize: 'a bicycle', chance: 1, stock: 1, reward: null },
      { prize: 'a coffee', chance: 100_000, stock: null, reward: coffee },
    ],
  },
});

const streaks = (repeats: boolean) =>
  gamesOf({
    weekly: { kind: 'streak', period: 'week', length: 3, minimum: 500, repeats, reward: coffee },
  });

describe('a stamp card', () => {
  it('is completed by its goal, gives its reward, and goes on with what is over', () => {
    const ada = customerOf(games);
    expect(types(ada.buy('p1', 0, [stamps('coffee', 3)]))).to.deep.equal(['StampsCollected']);
    const second = ada.buy('p2', 1, [stamps('coffee', 2, 6)]);
    expect(types(second)).to.deep.equal([
      'StampsCollected',
      'StampCardCompleted',
      'StampCardCompleted',
    ]);
    expect(second.rewards.map(({ which }) => which)).to.deep.equal(['1', '2']);
    expect(ada.progress().cards.get('coffee' as never)).to.include({ stamps: 1, rounds: 2 });
  });

  it('loses its stamps where it is not completed in time', () => {
    const ada = customerOf(games);
    ada.buy('p1', 0, [stamps('coffee', 4)]);
    expect(types(ada.buy('p2', 30, [stamps('coffee', 2)]))).to.deep.equal([
      'StampsExpired',
      'StampsCollected',
    ]);
    expect(types(ada.giveBack('p1')), 'void stamps are not taken from new ones').to.deep.equal([]);
    expect(ada.progress().cards.get('coffee' as never)?.stamps).to.equal(2);
  });

  it('gives back the stamps of the lines that were returned', () => {
    const ada = customerOf(games);
    ada.buy('p1', 0, [stamps('coffee', 2, 1)]);
    ada.giveBack('p1', 1_000, 2);
    expect(ada.progress().cards.get('coffee' as never)?.stamps).to.equal(2);
    ada.giveBack('p1', 500, 1);
    expect(ada.progress().cards.get('coffee' as never)?.stamps).to.equal(1);
  });

  it('is open again, and its reward taken back, where a return takes what completed it', () => {
    const ada = customerOf(games);
    ada.buy('p1', 0, [stamps('coffee', 3)]);
    ada.buy('p2', 1, [stamps('coffee', 3)]);
    const back = ada.giveBack('p1');
    expect(types(back)).to.deep.equal(['StampCardReopened', 'StampsTakenBack']);
    expect(back.rewards).to.containSubset([{ purchaseId: 'p2', which: '1', reward: coffee }]);
    expect(ada.progress().cards.get('coffee' as never)).to.include({ stamps: 3, rounds: 0 });
  });

  it('is open again however many were completed at once', () => {
    const ada = customerOf(games);
    const { rewards } = ada.buy('p1', 0, [stamps('coffee', 1_000)]);
    expect(rewards).to.have.length.within(50, 100);
    expect(ada.giveBack('p1').rewards).to.have.length(rewards.length);
    expect(ada.progress().cards.get('coffee' as GameName)).to.include({ stamps: 0, rounds: 0 });
  });

  it('that nobody defined, or that is something else, takes no stamps', () => {
    const ada = customerOf(games);
    expect(types(ada.buy('p1', 0, [stamps('tea', 3), stamps('fruit', 3)]))).to.deep.equal([]);
  });
});

describe('a challenge', () => {
  it('is completed once in each of its periods', () => {
    const ada = customerOf(games);
    ada.buy('p1', 0, [towards('fruit', 2_000)]);
    expect(types(ada.buy('p2', 6, [towards('fruit', 1_000)]))).to.include('ChallengeCompleted');
    expect(types(ada.buy('p3', 6, [towards('fruit', 5_000)]))).to.deep.equal(['ChallengeAdvanced']);
    const next = ada.buy('p4', 7, [towards('fruit', 3_000)]);
    expect(next.rewards).to.containSubset([{ which: '2026-03-09' }]);
  });

  it('counts between its dates alone', () => {
    const ada = customerOf(games);
    expect(types(ada.buy('p1', 0, [towards('spring', 1)]))).to.deep.equal([]);
    ada.buy('p2', 1, [towards('spring', 1)]);
    expect(types(ada.buy('p3', 3, [towards('spring', 1)]))).to.include('ChallengeCompleted');
    expect(types(ada.buy('p4', 4, [towards('spring', 1)]))).to.deep.equal([]);
  });

  it('stays complete after a return as long as what is left is enough', () => {
    const ada = customerOf(games);
    ada.buy('p1', 0, [towards('fruit', 3_000, 500)]);
    expect(types(ada.giveBack('p1', 1_000, 2))).to.deep.equal(['ChallengeSetBack']);
    const back = ada.giveBack('p1', 100, 1);
    expect(types(back)).to.deep.equal(['ChallengeReopened', 'ChallengeSetBack']);
    expect(back.rewards).to.have.length(1);
  });
});

describe('a streak', () => {
  it('grows by a purchase in each period and gives its reward at its length', () => {
    const ada = customerOf(streaks(true));
    ada.buy('p1', 0, []);
    ada.buy('p2', 2, []);
    ada.buy('p3', 7, []);
    const third = ada.buy('p4', 14, []);
    expect(types(third)).to.deep.equal(['StreakExtended', 'StreakCompleted']);
    expect(third.rewards).to.containSubset([{ which: '2026-03-16' }]);
    expect(ada.buy('p5', 21, []).events).to.containSubset([{ data: { length: 1 } }]);
  });

  it('is broken by a period without a purchase that is worth enough', () => {
    const ada = customerOf(streaks(true));
    ada.buy('p1', 0, []);
    ada.buy('p2', 7, [], { paid: 499 });
    expect(types(ada.buy('p3', 14, []))).to.deep.equal(['StreakBroken', 'StreakExtended']);
  });

  it('ends with its reward where it does not repeat', () => {
    const ada = customerOf(streaks(false));
    const rewards = [0, 7, 14, 21, 28, 35].flatMap((day) => ada.buy(`p${day}`, day, []).rewards);
    expect(rewards).to.have.length(1);
  });

  it('is joined by a late receipt of the missing week', () => {
    const ada = customerOf(streaks(true));
    ada.buy('p1', 0, []);
    ada.buy('p2', 14, []);
    expect(ada.buy('late', 7, []).rewards).to.containSubset([{ which: '2026-03-16' }]);
  });

  it('is set back by a return only where no other purchase holds the period', () => {
    const ada = customerOf(streaks(true));
    for (const [id, day] of [
      ['p1', 0],
      ['p2', 1],
      ['p3', 7],
      ['p4', 14],
    ] as const) {
      ada.buy(id, day, []);
    }
    expect(types(ada.giveBack('p1'))).to.deep.equal(['StreakSetBack']);
    expect(types(ada.giveBack('p2', 600))).to.deep.equal(['StreakSetBack', 'StreakReopened']);
    expect(types(ada.giveBack('p2')), 'it does not count any more').to.deep.equal([]);
  });
});

describe('an instant win', () => {
  const draw = (number: number | null) =>
    ({ kind: 'instant-win', game: 'scratch', draw: number, prize: null }) as const;

  it('gives the prize whose chance the number falls into', () => {
    const ada = customerOf(games);
    expect(ada.buy('p1', 0, [draw(0)]).events).to.containSubset([{ data: { prize: 'a bicycle' } }]);
    const won = ada.buy('p2', 0, [draw(100_000)]);
    expect(won.events).to.containSubset([{ data: { prize: 'a coffee', reward: coffee } }]);
    expect(won.rewards).to.have.length(1);
    const lost = ada.buy('p3', 0, [draw(100_001)]);
    expect(lost.events).to.containSubset([{ data: { prize: null } }]);
    expect(types(ada.giveBack('p2'))).to.deep.equal(['InstantWinTakenBack']);
    expect(types(ada.giveBack('p3'))).to.deep.equal([]);
  });

  it('says what would have been won where none is left', () => {
    const ada = customerOf({ ...games, left: () => 0 });
    const { events } = ada.buy('p1', 0, [draw(0)]);
    expect(events).to.containSubset([{ data: { prize: null, gone: 'a bicycle' } }]);
  });

  it('gives the last of a prize once to a receipt that draws twice', () => {
    const ada = customerOf({ ...games, left: () => 1 });
    const { events } = ada.buy('p1', 0, [draw(0), draw(0)]);
    const drawn = events.map(({ data }) => ('prize' in data ? data.prize : null));
    expect(drawn).to.deep.equal(['a bicycle', null]);
  });

  it('draws nothing while the receipt is only quoted', () => {
    expect(types(customerOf(games).buy('p1', 0, [draw(null)]))).to.deep.equal([]);
  });

  it('leaves to each prize just its chance', () => {
    const prizes = [
      { prize: 'a', chance: 10, stock: null, reward: null },
      { prize: 'b', chance: 20, stock: null, reward: null },
    ];
    const won = Array.from(
      { length: 1_000 },
      (_, number) => prizeFor(prizes, number)?.prize ?? '-',
    );
    const count = (name: string) => won.filter((one) => one === name).length;
    expect([count('a'), count('b'), count('-')]).to.deep.equal([10, 20, 970]);
  });
});
