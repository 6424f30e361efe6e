/**
 * What a reward is: a name, the schema of its arguments, one sentence for people, and what it proposes for a receipt as it stands
 * at that moment. A reward never touches the receipt; rewards.ts lists the kinds there are.
 *
 * Three sorts, by the part of the decision they belong to: discounts propose picks, points rewards propose points by line, games
 * name effects.
 */
import type { TProperties } from '@sinclair/typebox';
import type { ProgrammeRule } from '../programme/rule.js';
import type { Hint } from './condition.js';
import { compileLines, type Condition, hintOf } from './conditionTree.js';
import { describe, type Described, type Given } from './described.js';
import type { Effect } from './effects.js';
import type { Facts } from './facts.js';
import type { Goods, Pick } from './goods.js';

export interface Moment {
  readonly facts: Facts;
  readonly goods: Goods;
}

export interface Proposal {
  readonly picks: readonly Pick[];
  readonly effects?: readonly Effect[];
}

/** Besides the goods, what earning depends on. */
export interface EarningMoment extends Moment {
  readonly rule: ProgrammeRule;
  /** Minor units that the lines earn on: what is left of them, without the part paid by points unless that earns too. */
  readonly eligible: (lines: readonly number[]) => number;
}

/** Hundredths for some lines; spread over them by what is paid for each, unless `byLine` says how. */
export interface Earning {
  readonly points: number;
  readonly lines: readonly number[];
  readonly byLine?: readonly number[];
}

export interface GameMoment extends Moment {
  /** The number drawn for this reward, null while the receipt is only quoted. */
  readonly draw: number | null;
}

interface Hinted<Kind extends string, Properties extends TProperties> extends Described<
  Kind,
  Properties
> {
  /** Facts without which it gives nothing. */
  readonly hint?: (given: Given<Kind, Properties>) => readonly Hint[] | null;
}

export interface DiscountReward<
  Kind extends string = string,
  Properties extends TProperties = TProperties,
> extends Hinted<Kind, Properties> {
  readonly gives: 'discount';
  /** Whether it takes its turn with the line rewards or with those of the whole receipt. */
  readonly turn: (given: Given<Kind, Properties>) => 'lines' | 'receipt';
  readonly compile: (given: Given<Kind, Properties>) => (moment: Moment) => Proposal;
}

export interface PointsReward<
  Kind extends string = string,
  Properties extends TProperties = TProperties,
> extends Hinted<Kind, Properties> {
  readonly gives: 'points';
  readonly compile: (given: Given<Kind, Properties>) => (moment: EarningMoment) => Earning;
}

export interface GameReward<
  Kind extends string = string,
  Properties extends TProperties = TProperties,
> extends Hinted<Kind, Properties> {
  readonly gives: 'game';
  readonly compile: (given: Given<Kind, Properties>) => (moment: GameMoment) => readonly Effect[];
}

type Rules<Reward> = Omit<Reward, 'kind' | 'summary' | 'schema' | 'gives'>;

export const discountReward = <Kind extends string, Properties extends TProperties>(
  kind: Kind,
  summary: string,
  properties: Properties,
  rules: Rules<DiscountReward<Kind, Properties>>,
): DiscountReward<Kind, Properties> => ({
  ...describe(kind, summary, properties),
  gives: 'discount',
  ...rules,
});

export const pointsReward = <Kind extends string, Properties extends TProperties>(
  kind: Kind,
  summary: string,
  properties: Properties,
  rules: Rules<PointsReward<Kind, Properties>>,
): PointsReward<Kind, Properties> => ({
  ...describe(kind, summary, properties),
  gives: 'points',
  ...rules,
});

export const gameReward = <Kind extends string, Properties extends TProperties>(
  kind: Kind,
  summary: string,
  properties: Properties,
  rules: Rules<GameReward<Kind, Properties>>,
): GameReward<Kind, Properties> => ({
  ...describe(kind, summary, properties),
  gives: 'game',
  ...rules,
});

/** Indices of the lines that a reward is about. */
export type Selector = (moment: Moment) => readonly number[];

/** All lines where no condition is given. */
export const selectorOf = (lines: Condition | undefined): Selector => {
  if (lines === undefined) return ({ facts }) => facts.linesBy.all;
  const find = compileLines(lines);
  return ({ facts, goods }) => find(facts, goods.payable);
};

export const hintOfLines = ({ lines }: { readonly lines?: Condition }): readonly Hint[] | null =>
  lines === undefined ? null : hintOf(lines);
