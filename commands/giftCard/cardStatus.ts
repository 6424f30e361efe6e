/** Stops one gift card, whoever has it, and lets it pay again; takes off what is left on one whose time is over. */
import { Type } from '@sinclair/typebox';
import type { GiftCardEvent } from '../../domain/giftCard/events.js';
import {
  blockGiftCard as block,
  expireGiftCard as expire,
  type GiftCard,
  giftCard,
  giftCardStream,
  unblockGiftCard as unblock,
} from '../../domain/giftCard/giftCard.js';
import { GiftCardId } from '../../domain/giftCard/ids.js';
import { defineCommand } from '../command.js';

const closed = { additionalProperties: false } as const;

const changing = (
  name: string,
  summary: string,
  decide: (
    command: { readonly card: GiftCardId; readonly reason: string },
    state: GiftCard,
  ) => GiftCardEvent[],
) =>
  defineCommand({
    name,
    summary,
    input: Type.Object(
      { card: GiftCardId, reason: Type.String({ minLength: 1, maxLength: 500 }) },
      { ...closed, title: name },
    ),
    aggregate: giftCard,
    stream: (input, context) => giftCardStream(context.tenant, input.card),
    lookUp: () => undefined,
    decide: (input, state) => decide(input, state),
    answer: ({ input: { card }, state }) => ({ card, blocked: state.blocked }),
  });

export const blockGiftCard = changing('BlockGiftCard', 'Stops one gift card.', block);
export const unblockGiftCard = changing(
  'UnblockGiftCard',
  'Lets a gift card that was stopped pay again.',
  unblock,
);

export const expireGiftCard = defineCommand({
  name: 'ExpireGiftCard',
  summary: 'Takes off what is left on a gift card whose time is over.',
  input: Type.Object({ card: GiftCardId }, closed),
  aggregate: giftCard,
  stream: (input, context) => giftCardStream(context.tenant, input.card),
  lookUp: () => undefined,
  decide: ({ card }, state, _found, { now }) => expire({ card, asOf: now }, state),
  answer: () => null,
});
