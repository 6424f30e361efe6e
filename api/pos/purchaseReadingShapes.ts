/** Purchases as the read model has them: a list of them, and one with its lines and what came back. */
import { Type } from '@sinclair/typebox';
import { Currency, Money, Points } from '../../domain/amount.js';
import { CardNumber, PurchaseId, TillId, UserId } from '../../domain/ids.js';
import { Instant, orNull } from '../wire.js';
import { buyer, line, offered, parts, reversed, shop, Why } from './receiptShapes.js';

const withGiftCards = Type.Unsafe<number>({
  ...Money,
  description: 'What money had paid, with what went back onto gift cards: `why` tells them apart',
});

/** As the read model has it. */
const summary = {
  purchaseId: PurchaseId,
  userId: orNull(UserId),
  cardNumber: orNull(CardNumber),
  ...buyer,
  ...shop,
  currency: Currency,
  total: Money,
  discount: offered.discount,
  net: offered.net,
  paidByPoints: Money,
  pointsRedeemed: Points,
  pointsEarned: Points,
  deficitRepaid: Points,
  status: Type.String({ description: 'confirmed, partlyReturned, returned or cancelled' }),
  returnedAmount: Money,
  refunded: withGiftCards,
  lineCount: Type.Integer(),
  offline: Type.Boolean(),
  occurredAt: Instant,
  position: Type.String(),
} as const;
export const PurchaseSummary = Type.Object(summary, { title: 'PurchaseSummary' });

export const PurchaseDetail = Type.Object(
  {
    ...summary,
    ruleVersion: orNull(Type.Integer()),
    why: Why,
    lines: Type.Array(
      Type.Object(
        {
          ...line,
          price: Money,
          net: offered.net,
          ...parts,
          returnedQuantity: Type.Number({ minimum: 0 }),
          returnedAmount: Money,
        },
        { title: 'PurchaseLine' },
      ),
    ),
    returns: Type.Array(
      Type.Object(
        {
          returnId: orNull(Type.String()),
          kind: Type.String({ description: 'return or cancellation' }),
          tillId: TillId,
          amount: Money,
          discount: reversed.discount,
          refund: withGiftCards,
          paidByPoints: Money,
          complete: Type.Boolean(),
          reason: orNull(Type.String()),
          why: Why,
          occurredAt: Instant,
        },
        { title: 'PurchaseReturn' },
      ),
    ),
  },
  { title: 'Purchase' },
);
