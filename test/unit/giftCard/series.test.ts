import { expect } from 'chai';
import {
  blockGiftCardSeries,
  closeGiftCardSeries,
  giftCardSeries,
  type GiftCardSeriesEvent,
  issueGiftCards,
  openGiftCardSeries,
  unblockGiftCardSeries,
} from '../../../domain/giftCard/series.js';
import type { GiftCardSeriesId } from '../../../domain/giftCard/ids.js';
import type { MerchantId } from '../../../domain/ids.js';
import { specification } from '../registry/spec.js';
import { books, openTerms } from './commands.js';

const given = specification(giftCardSeries);
const seriesId = books;
const command = {
  seriesId,
  name: 'Books',
  merchantId: 1 as MerchantId,
  currency: 'GBP',
  terms: openTerms,
};
const opened = (number = 1, id: GiftCardSeriesId = seriesId): GiftCardSeriesEvent => ({
  type: 'GiftCardSeriesOpened',
  data: { ...command, seriesId: id, number },
});
const why = { seriesId, reason: 'why' };
const blocked: GiftCardSeriesEvent = { type: 'GiftCardSeriesBlocked', data: why };
const closed: GiftCardSeriesEvent = { type: 'GiftCardSeriesClosed', data: why };

describe('a series of gift cards', () => {
  it('is opened once, under the next number', () => {
    given()
      .when((all) => openGiftCardSeries(command, all))
      .then(opened());
    given(opened(1, 'toys' as GiftCardSeriesId))
      .when((all) => openGiftCardSeries(command, all))
      .then(opened(2));
    given(opened())
      .when((all) => openGiftCardSeries(command, all))
      .thenNothing();
    given(opened())
      .when((all) => openGiftCardSeries({ ...command, name: 'Toys' }, all))
      .thenRejected('already-registered');
  });

  it('needs amounts that agree', () => {
    for (const terms of [
      { ...openTerms, least: 0 },
      { ...openTerms, least: 500, most: 499 },
    ]) {
      given()
        .when((all) => openGiftCardSeries({ ...command, terms }, all))
        .thenRejected('gift-card-terms-wrong');
    }
  });

  it('issues cards one batch after the other, as many as its terms say', () => {
    const issued: GiftCardSeriesEvent = {
      type: 'GiftCardsIssued',
      data: { seriesId, first: 0, count: 600 },
    };
    given(opened())
      .when((all) => issueGiftCards({ seriesId, count: 600 }, all))
      .then(issued);
    given(opened(), issued)
      .when((all) => issueGiftCards({ seriesId, count: 401 }, all))
      .thenRejected('too-many-codes');
    given()
      .when((all) => issueGiftCards({ seriesId, count: 1 }, all))
      .thenRejected('series-not-found');
  });

  it('is blocked and unblocked, and closed for good', () => {
    given(opened())
      .when((all) => blockGiftCardSeries(why, all))
      .then(blocked);
    given(opened(), blocked)
      .when((all) => unblockGiftCardSeries(why, all))
      .then({ type: 'GiftCardSeriesUnblocked', data: why });
    given(opened(), blocked)
      .when((all) => closeGiftCardSeries(why, all))
      .then(closed);
    for (const decide of [blockGiftCardSeries, unblockGiftCardSeries]) {
      given(opened(), closed)
        .when((all) => decide(why, all))
        .thenRejected('series-closed');
    }
    given(opened(), closed)
      .when((all) => closeGiftCardSeries(why, all))
      .thenNothing();
    expect(giftCardSeries.category).to.equal('giftCardSeries');
  });
});
