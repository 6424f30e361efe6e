/**
 * The games of a programme: stamp cards, challenges, streaks and instant wins, each with its rules and what it gives.
 *
 * A campaign says which receipts put stamps on a card or take a customer further in a challenge (domain/pricing/rewards); the
 * definition says what that leads to. A streak needs no campaign: every purchase that is large enough counts.
 */
import { Type, type Static, type TProperties } from '@sinclair/typebox';
import { Money, Points } from '../amount.js';
import type { Branded } from '../ids.js';
import { ProductId } from '../ids.js';
import { Name } from '../pricing/arguments.js';

const closed = { additionalProperties: false } as const;

export type GameName = Branded<string, 'GameName'>;
/** As campaigns name it. */
export const GameName = Type.Unsafe<GameName>(
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_]{0,59}$', examples: ['coffee'] }),
);

/** What winning or completing gives: the account turns it into points of their own lot, personal coupons, or a gift. */
export const GameReward = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('points'),
      points: Points,
      lifetimeDays: Type.Optional(
        Type.Union([Type.Integer({ minimum: 1, maximum: 36_500 }), Type.Null()], {
          description: 'As the programme has it where left out; null: for ever',
        }),
      ),
    },
    { ...closed, title: 'PointsReward' },
  ),
  Type.Object(
    {
      kind: Type.Literal('coupon'),
      series: Name,
      quantity: Type.Integer({ minimum: 1, maximum: 100 }),
    },
    { ...closed, title: 'CouponReward' },
  ),
  Type.Object(
    {
      kind: Type.Literal('gift'),
      productIds: Type.Array(ProductId, { minItems: 1, maxItems: 100 }),
      units: Type.Integer({ minimum: 1, maximum: 100 }),
    },
    { ...closed, title: 'GiftReward' },
  ),
]);
export type GameReward = Static<typeof GameReward>;

export const Period = Type.Union([
  Type.Literal('day'),
  Type.Literal('week'),
  Type.Literal('month'),
]);
export type Period = Static<typeof Period>;

const Goal = Type.Integer({ minimum: 1, maximum: 1_000_000_000 });
const title = { description: 'For people: on slips and in apps', maxLength: 200, minLength: 1 };

const kind = <Kind extends string, Properties extends TProperties>(
  name: Kind,
  summary: string,
  properties: Properties,
) =>
  Type.Object(
    { kind: Type.Literal(name), title: Type.Optional(Type.String(title)), ...properties },
    { ...closed, title: name, description: summary },
  );

export const StampCard = kind(
  'stampCard',
  'So many stamps complete the card; then a new one begins.',
  {
    goal: Type.Integer({ minimum: 1, maximum: 1_000 }),
    validDays: Type.Union([Type.Integer({ minimum: 1, maximum: 3_650 }), Type.Null()], {
      description: 'Counted from the first stamp of a card; what is not completed by then is lost',
    }),
    reward: GameReward,
  },
);
export type StampCard = Static<typeof StampCard>;

export const Challenge = kind('challenge', 'Reach the goal within the window.', {
  unit: Type.Union([Type.Literal('receipt'), Type.Literal('unit'), Type.Literal('amount')], {
    description: 'As the campaign counts: receipts, units, or minor units paid',
  }),
  goal: Goal,
  window: Type.Union([
    Type.Object(
      {
        kind: Type.Literal('dates'),
        from: Type.String({ format: 'date', examples: ['2026-03-01'] }),
        until: Type.String({
          format: 'date',
          description: 'The last day',
          examples: ['2026-03-31'],
        }),
      },
      { ...closed, title: 'Between' },
    ),
    Type.Object({ kind: Type.Literal('each'), period: Period }, { ...closed, title: 'Each' }),
  ]),
  reward: GameReward,
});
export type Challenge = Static<typeof Challenge>;

export const Streak = kind('streak', 'A purchase in so many periods one after another.', {
  period: Period,
  length: Type.Integer({ minimum: 2, maximum: 60 }),
  minimum: Money,
  repeats: Type.Boolean({ description: 'Whether a new streak begins once one is complete' }),
  reward: GameReward,
});
export type Streak = Static<typeof Streak>;

export const Prize = Type.Object(
  {
    prize: Name,
    chance: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'In a million' }),
    stock: Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000_000 }), Type.Null()], {
      description: 'How many there are; null: as many as are won',
    }),
    reward: Type.Union([GameReward, Type.Null()], {
      description: 'Null where it is handed out by hand',
    }),
  },
  closed,
);
export type Prize = Static<typeof Prize>;

export const InstantWin = kind(
  'instantWin',
  'One draw for a receipt. Each prize has its chance; the numbers come from a seed committed beforehand.',
  { prizes: Type.Array(Prize, { minItems: 1, maxItems: 100 }) },
);
export type InstantWin = Static<typeof InstantWin>;

export const GameDefinition = Type.Union([StampCard, Challenge, Streak, InstantWin]);
export type GameDefinition = Static<typeof GameDefinition>;
export type GameKind = GameDefinition['kind'];
export const gameKinds = ['stampCard', 'challenge', 'streak', 'instantWin'] as const;
