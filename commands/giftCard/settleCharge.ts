/**
 * What becomes of a charge that a receipt reserved on a gift card: spent once the receipt is recorded, released where it never was,
 * given back when the goods came back. Issued by the worker alone (workers/giftCards.ts).
 */
import { Type } from '@sinclair/typebox';
import { GiftCardCharge } from '../../domain/giftCard/events.js';
import {
  giftCard,
  giftCardStream,
  refundCharge as refund,
  releaseCharge as release,
  spendCharge as spend,
} from '../../domain/giftCard/giftCard.js';
import { defineCommand } from '../command.js';

const closed = { additionalProperties: false } as const;
const charge = GiftCardCharge.properties;
/** Milliseconds: when the receipt was made out, or the goods came back; it counts on that day. */
const at = Type.Integer({ minimum: 0 });

export const spendGiftCard = defineCommand({
  name: 'SpendGiftCard',
  summary: 'Makes a charge of a gift card final: the receipt was recorded.',
  input: Type.Object({ ...charge, at }, closed),
  aggregate: giftCard,
  stream: (input, context) => giftCardStream(context.tenant, input.card),
  lookUp: () => undefined,
  decide: (input, state) => spend(input, state),
  occurredAt: (input) => input.at,
  answer: () => null,
});

export const releaseGiftCard = defineCommand({
  name: 'ReleaseGiftCard',
  summary: 'Frees a charge of a gift card: its receipt came to nothing.',
  input: Type.Object(
    {
      ...charge,
      until: Type.Integer({ minimum: 0 }),
      reason: Type.String({ maxLength: 500 }),
    },
    closed,
  ),
  aggregate: giftCard,
  stream: (input, context) => giftCardStream(context.tenant, input.card),
  lookUp: () => undefined,
  decide: (input, state) => release(input, state),
  answer: () => null,
});

export const refundGiftCard = defineCommand({
  name: 'RefundGiftCard',
  summary: 'Gives back to a gift card what it had paid: the goods came back.',
  input: Type.Object({ ...charge, cause: Type.String({ maxLength: 80 }), at }, closed),
  aggregate: giftCard,
  stream: (input, context) => giftCardStream(context.tenant, input.card),
  lookUp: () => undefined,
  decide: (input, state) => refund(input, input.at, state),
  occurredAt: (input) => input.at,
  answer: () => null,
});
