/**
 * Whatever is bought and given back: progress is never negative, and purchases that are returned in full leave no trace of
 * themselves, in whatever order and in however many parts they go.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { GameName } from '../../../domain/game/definition.js';
import {
  type GameProgress,
  progressFromJson,
  progressToJson,
} from '../../../domain/game/progress.js';
import { runLength } from '../../../domain/game/streak.js';
import { coffee, customerOf, gamesOf, stamps, towards } from './spec.js';

const games = gamesOf({
  card: { kind: 'stampCard', goal: 7, validDays: null, reward: coffee },
  fruit: {
    kind: 'challenge',
    unit: 'unit',
    goal: 10,
    window: { kind: 'each', period: 'month' },
    reward: coffee,
  },
  daily: { kind: 'streak', period: 'day', length: 3, minimum: 1, repeats: true, reward: coffee },
});

const purchase = fc.record({
  day: fc.nat({ max: 12 }),
  stamps: fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 4 }),
  fruit: fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 4 }),
  /** Of those after it that come back, this comes at that place; in these parts. */
  back: fc.option(
    fc.record({ order: fc.nat(), parts: fc.array(fc.nat({ max: 1_000 }), { maxLength: 3 }) }),
  ),
});

const name = (text: string) => text as GameName;

const checkSane = (progress: GameProgress): void => {
  for (const card of progress.cards.values()) {
    expect(card.stamps).to.be.within(0, 6);
    expect(card.rounds).to.be.at.least(0);
    expect(card.begun === null).to.equal(card.stamps === 0);
  }
  for (const { progress: made, completed } of [...progress.challenges.values()].flat()) {
    expect(made).to.be.at.least(0);
    expect(completed !== null).to.equal(made >= 10);
  }
  for (const streak of progress.streaks.values()) {
    // A run that is still long enough after a return, thanks to a late receipt, is completed by the next purchase.
    expect(runLength(streak)).to.be.within(0, streak.periods.length);
    expect(streak.periods.every(([, count]) => count > 0)).to.equal(true);
  }
  expect(progressFromJson(JSON.parse(JSON.stringify(progressToJson(progress))))).to.deep.equal(
    progress,
  );
};

/** What can be said of progress without the order in which it came about. */
const figures = (progress: GameProgress) => ({
  stamps: progress.cards.get(name('card'))?.stamps ?? 0,
  rounds: progress.cards.get(name('card'))?.rounds ?? 0,
  fruit: progress.challenges.get(name('fruit')) ?? [],
});

describe('games, whatever happens', () => {
  it('keep no trace of what was returned in full, and no figure below zero', () => {
    fc.assert(
      fc.property(fc.array(purchase, { maxLength: 12 }), (script) => {
        // Stays below the rounds and periods that an account remembers.
        const ada = customerOf(games);
        const rewards = { given: 0, takenBack: 0 };
        script.forEach(({ day, stamps: counts, fruit }, index) => {
          const effects = [stamps('card', ...counts), towards('fruit', ...fruit)];
          rewards.given += ada.buy(`p${index}`, day, effects).rewards.length;
        });
        const returned = script
          .flatMap(({ back }, index) => (back ? [{ ...back, index }] : []))
          .sort((a, b) => a.order - b.order);
        for (const { index, parts } of returned) {
          for (const part of [...parts.sort((a, b) => a - b), 1_000]) {
            rewards.takenBack += ada.giveBack(`p${index}`, part).rewards.length;
          }
        }
        checkSane(ada.progress());
        expect(rewards.takenBack).to.be.at.most(rewards.given);
        const kept = script.filter(({ back }) => back === null);
        const total = kept.reduce((sum, one) => sum + one.stamps.reduce((a, b) => a + b, 0), 0);
        const fruit = kept.reduce((sum, one) => sum + one.fruit.reduce((a, b) => a + b, 0), 0);
        const left = figures(ada.progress());
        const forgotten = ada.progress().cards.get(name('card'))?.completed.length === 0;
        if (!forgotten || left.rounds === 0) expect(left.rounds * 7 + left.stamps).to.equal(total);
        expect(left.fruit[0]?.progress ?? 0).to.equal(fruit);
      }),
      { numRuns: 500 },
    );
  });

  it('are as before a purchase once it is returned in full', () => {
    fc.assert(
      fc.property(fc.array(purchase, { maxLength: 8 }), purchase, (script, last) => {
        const ada = customerOf(games);
        const effects = ({ stamps: counts, fruit }: typeof last) => [
          stamps('card', ...counts),
          towards('fruit', ...fruit),
        ];
        script.forEach((one, index) => ada.buy(`p${index}`, one.day, effects(one)));
        const before = ada.progress();
        const day = Math.max(0, ...script.map((one) => one.day), last.day);
        ada.buy('last', day, effects(last));
        for (const part of last.back?.parts.sort((a, b) => a - b) ?? []) ada.giveBack('last', part);
        ada.giveBack('last');
        const after = ada.progress();
        expect(figures(after)).to.deep.equal(figures(before));
        const streak = (of: GameProgress) =>
          of.streaks.get(name('daily')) ?? { periods: [], rewarded: [] };
        expect(streak(after).periods).to.deep.equal(streak(before).periods);
        expect(streak(after).rewarded).to.deep.equal(streak(before).rewarded);
      }),
      { numRuns: 500 },
    );
  });
});
