/** The body of a purchase as somebody without our schemas would have it checked. */
import { Type } from '@sinclair/typebox';

const closed = { additionalProperties: false } as const;

export const purchaseSchema = Type.Object(
  {
    purchaseId: Type.String({ pattern: '^[0-9A-Za-z_:-]{1,64}$' }),
    lines: Type.Array(
      Type.Object(
        {
          productId: Type.String({ pattern: '^[0-9A-Za-z_-]{1,40}$' }),
          quantity: Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 }),
          price: Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 }),
        },
        closed,
      ),
      { minItems: 1, maxItems: 2_000 },
    ),
  },
  closed,
);
