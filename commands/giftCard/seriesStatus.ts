/** Blocks a series of gift cards for a while, or sells no more of it. */
import { Type } from '@sinclair/typebox';
import { GiftCardSeriesId } from '../../domain/giftCard/ids.js';
import {
  type AllGiftCardSeries,
  blockGiftCardSeries as block,
  closeGiftCardSeries as close,
  giftCardSeries,
  type GiftCardSeriesEvent,
  giftCardSeriesStream,
  unblockGiftCardSeries as unblock,
} from '../../domain/giftCard/series.js';
import { defineCommand } from '../command.js';

const reason = Type.String({ minLength: 1, maxLength: 500 });

interface Ask {
  readonly seriesId: GiftCardSeriesId;
  readonly reason: string;
}

const changing = (
  name: string,
  summary: string,
  decide: (command: Ask, state: AllGiftCardSeries) => GiftCardSeriesEvent[],
) =>
  defineCommand({
    name,
    summary,
    input: Type.Object(
      { seriesId: GiftCardSeriesId, reason },
      { additionalProperties: false, title: name },
    ),
    aggregate: giftCardSeries,
    stream: (_input, context) => giftCardSeriesStream(context.tenant),
    lookUp: () => undefined,
    decide: (input, state) => decide(input, state),
    answer: ({ input: { seriesId }, state }) => ({
      seriesId,
      status: state.get(seriesId)?.status ?? 'open',
    }),
  });

export const blockGiftCardSeries = changing(
  'BlockGiftCardSeries',
  'Takes no card of a series until it is unblocked.',
  block,
);
export const unblockGiftCardSeries = changing(
  'UnblockGiftCardSeries',
  'Takes the cards of a blocked series again.',
  unblock,
);
export const closeGiftCardSeries = changing(
  'CloseGiftCardSeries',
  'Sells no more cards of a series; those that were sold stay good.',
  close,
);
