/**
 * What a receipt does besides prices and points. An effect says what is to happen and on whose account; the aggregates that own
 * stamps, challenges and coupons carry it out, and a return takes it back from what is recorded here, never from today's rules.
 *
 * | effect | becomes |
 * | --- | --- |
 * | gift | part of the purchase: the cashier hands it over |
 * | coupon-grant | a coupon granted to the customer |
 * | stamps, challenge | the progress of a card or a challenge |
 * | instant-win | the outcome of a draw, with the number that was drawn |
 */
import { Type, type Static } from '@sinclair/typebox';
import { Quantity } from '../amount.js';
import { ProductId } from '../ids.js';
import { Name } from './arguments.js';

const closed = { additionalProperties: false } as const;
const Count = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 });

/** What each line contributed, so that returning it takes back just that. */
const Parts = Type.Array(
  Type.Object({ position: Type.Integer({ minimum: 1 }), count: Count }, closed),
  { maxItems: 2_000 },
);

export const PrizeDraw = Type.Integer({
  minimum: 0,
  maximum: 999_999,
  description: 'The number drawn: a prize is won below its chance in a million',
});

export const Effect = Type.Union([
  Type.Object(
    { kind: Type.Literal('gift'), productIds: Type.Array(ProductId), quantity: Quantity },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('coupon-grant'),
      series: Name,
      quantity: Type.Integer({ minimum: 1, maximum: 100 }),
    },
    closed,
  ),
  Type.Object({ kind: Type.Literal('stamps'), card: Name, stamps: Count, parts: Parts }, closed),
  Type.Object(
    {
      kind: Type.Literal('challenge'),
      challenge: Name,
      /** Receipts, thousandths or minor units, as the challenge counts. */
      progress: Count,
      parts: Parts,
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('instant-win'),
      game: Name,
      /** Null where the receipt is only quoted: nothing is drawn before it is confirmed. */
      draw: Type.Union([PrizeDraw, Type.Null()]),
      prize: Type.Union([Name, Type.Null()]),
    },
    closed,
  ),
]);
export type Effect = Static<typeof Effect>;
