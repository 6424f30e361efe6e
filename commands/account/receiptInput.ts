/**
 * What tills send of receipts: the shapes that several commands share. Quantities are thousandths, money is minor units, points
 * are hundredths, times are ISO 8601. Who sends (merchant, point of sale, till) comes from the authorisation, never from the body.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Currency, Money, Points, Quantity } from '../../domain/amount.js';
import { MerchantId, PointOfSaleId, ProductId, PurchaseId, TillId } from '../../domain/ids.js';
import type { ReceiptTime } from '../../domain/receiptTime.js';
import type { CommandContext } from '../command.js';
import { InvalidInput } from '../validation.js';

const closed = { additionalProperties: false } as const;
const Position = Type.Integer({ minimum: 1, maximum: 10_000 });

const Attributes = Type.Record(
  Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,59}$' }),
  Type.Union([Type.String({ maxLength: 200 }), Type.Number(), Type.Boolean()]),
  { maxProperties: 50, description: 'What conditions of campaigns may ask about', ...closed },
);

export const BasketLineInput = Type.Object(
  {
    position: Type.Optional(Position),
    productId: ProductId,
    quantity: Quantity,
    price: Money,
    amount: Type.Optional(Money),
    attributes: Type.Optional(Attributes),
  },
  closed,
);

export const BasketInput = Type.Array(BasketLineInput, { minItems: 1, maxItems: 2_000 });

/** All that is left of the purchase where it is left out. */
export const ReturnLinesInput = Type.Array(
  Type.Object({ position: Position, quantity: Type.Optional(Quantity) }, closed),
  { minItems: 1, maxItems: 2_000 },
);

/** The till that acts. */
export const tillInput = {
  merchantId: MerchantId,
  pointOfSaleId: PointOfSaleId,
  tillId: TillId,
} as const;

export const timeInput = {
  offline: Type.Optional(
    Type.Boolean({ description: 'The till was not connected: decide as of occurredAt' }),
  ),
  occurredAt: Type.Optional(
    Type.String({
      format: 'date-time',
      maxLength: 40,
      description: 'By the clock of the till; an offline receipt is decided as of it',
    }),
  ),
} as const;

export const SlipInput = Type.Object(
  {
    pointsEarned: Type.Optional(Points),
    total: Type.Optional(Money),
    discount: Type.Optional(Money),
  },
  { ...closed, description: 'What the till printed while it was offline' },
);

/** What campaigns may ask for besides the goods. */
export const offerInput = {
  coupons: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 140 }), {
      maxItems: 20,
      description: 'Codes of the coupons that the customer shows, as they are typed or read',
    }),
  ),
  attributes: Type.Optional(Attributes),
} as const;

export const receiptInput = {
  purchaseId: PurchaseId,
  ...tillInput,
  lines: BasketInput,
  currency: Type.Optional(Currency),
  ...timeInput,
} as const;

interface TimeInput {
  readonly offline?: Static<typeof timeInput.offline>;
  readonly occurredAt?: Static<typeof timeInput.occurredAt>;
}

/** @throws InvalidInput where `occurredAt` is no time since 1970. */
export const receiptTime = (input: TimeInput, context: CommandContext): ReceiptTime => ({
  offline: input.offline ?? false,
  occurredAt: input.occurredAt === undefined ? null : instant(input.occurredAt),
  now: context.now,
});

const instant = (text: string): number => {
  const milliseconds = Date.parse(text);
  if (milliseconds >= 0) return milliseconds;
  throw new InvalidInput([{ pointer: '/occurredAt', reason: 'must be a time since 1970' }]);
};
