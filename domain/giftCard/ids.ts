/**
 * The names of gift card things. A card is known by its series and its place there: its number, which is as good as money, is derived
 * (domain/coupon/codes.ts) and in no event, so nobody can spend a card by reading the log.
 */
import { Type } from '@sinclair/typebox';
import type { Branded } from '../ids.js';

export type GiftCardSeriesId = Branded<string, 'GiftCardSeriesId'>;
export const GiftCardSeriesId = Type.Unsafe<GiftCardSeriesId>(
  Type.String({
    pattern: '^[a-z][a-z0-9_]{1,39}$',
    description: 'A series of gift cards',
    examples: ['books'],
  }),
);

export type GiftCardId = Branded<string, 'GiftCardId'>;
export const GiftCardId = Type.Unsafe<GiftCardId>(
  Type.String({
    pattern: '^[a-z][a-z0-9_]{1,39}:[0-9]{1,9}$',
    description: 'A gift card: its series and its place there, which are printed on it; no secret',
    examples: ['books:12'],
  }),
);

export const giftCardId = (series: GiftCardSeriesId, place: number): GiftCardId =>
  `${series}:${place}` as GiftCardId;

export const seriesOfCard = (card: GiftCardId): GiftCardSeriesId =>
  card.slice(0, card.indexOf(':')) as GiftCardSeriesId;

export const placeOfCard = (card: GiftCardId): number => Number(card.slice(card.indexOf(':') + 1));
