import fc from 'fast-check';
import { expect } from 'chai';
import type { SeriesId } from '../../../domain/coupon/ids.js';
import { numberSeries, numbering, type NumberingEvent } from '../../../domain/coupon/numbering.js';
import {
  blockSeries,
  closeSeries,
  issueCodes,
  type OpenedSeries,
  openSeries,
  series,
  type SeriesEvent,
  type SeriesTerms,
  unblockSeries,
} from '../../../domain/coupon/series.js';
import { specification } from '../registry/spec.js';

const given = specification(series);
const givenNumbers = specification(numbering);

const terms: SeriesTerms = {
  validFrom: null,
  validUntil: null,
  validDays: null,
  codesMost: 1_000,
  usesMost: null,
  usesPerCustomerMost: null,
  merchants: null,
};
const single: OpenedSeries = {
  seriesId: 'welcome' as SeriesId,
  number: 1,
  name: 'Welcome',
  kind: 'singleUse',
  word: null,
  terms,
};
const multi: OpenedSeries = {
  ...single,
  kind: 'multiUse',
  word: 'SPRING10',
  terms: { ...terms, codesMost: 0, usesMost: 500 },
};
const personal: OpenedSeries = {
  ...single,
  kind: 'personal',
  terms: { ...terms, codesMost: 0, validDays: 30 },
};
const opened = (data: OpenedSeries): SeriesEvent => ({ type: 'CouponSeriesOpened', data });
const issued = (first: number, count: number): SeriesEvent => ({
  type: 'CouponCodesIssued',
  data: { first, count },
});
const reason = 'a leak';
const blocked: SeriesEvent = { type: 'CouponSeriesBlocked', data: { reason } };
const unblocked: SeriesEvent = { type: 'CouponSeriesUnblocked', data: { reason } };
const closed: SeriesEvent = { type: 'CouponSeriesClosed', data: { reason } };

describe('a series of coupons', () => {
  for (const data of [single, multi, personal]) {
    it(`is opened as ${data.kind}, once, and with other terms not at all`, () => {
      given()
        .when((state) => openSeries(data, state))
        .then(opened(data));
      given(opened(data))
        .when((state) => openSeries(data, state))
        .thenNothing();
      given(opened(data))
        .when((state) => openSeries({ ...data, name: 'Other' }, state))
        .thenRejected('already-registered');
    });
  }

  it('of many uses without a word has its one derived code at once', () => {
    const derived = { ...multi, word: null, terms: { ...multi.terms, codesMost: 1 } };
    given()
      .when((state) => openSeries(derived, state))
      .then(opened(derived), issued(0, 1));
  });

  const wrong: readonly [string, OpenedSeries][] = [
    ['that ends before it begins', { ...single, terms: { ...terms, validFrom: 2, validUntil: 2 } }],
    ['of single use without a code', { ...single, terms: { ...terms, codesMost: 0 } }],
    ['of single use with a word', { ...single, word: 'SPRING10' }],
    ['of single use with a limit of uses', { ...single, terms: { ...terms, usesMost: 2 } }],
    [
      'of single use with a limit per customer',
      { ...single, terms: { ...terms, usesPerCustomerMost: 2 } },
    ],
    ['of single use with days from the grant', { ...single, terms: { ...terms, validDays: 2 } }],
    ['of many uses with a word and a code', { ...multi, terms: { ...terms, codesMost: 1 } }],
    ['of many uses with many codes', { ...multi, word: null }],
    [
      'of codes that are granted after an event',
      { ...single, terms: { ...terms, grantedAfter: 'CustomerEnrolled' } },
    ],
    ['of persons with codes', { ...personal, terms: { ...terms, codesMost: 1 } }],
  ];
  for (const [what, data] of wrong) {
    it(`${what} is refused`, () => {
      given()
        .when((state) => openSeries(data, state))
        .thenRejected('coupon-terms-wrong');
    });
  }

  it('is blocked and unblocked, and repeats decide nothing', () => {
    given(opened(single))
      .when((state) => blockSeries({ reason }, state))
      .then(blocked);
    given(opened(single), blocked)
      .when((state) => blockSeries({ reason }, state))
      .thenNothing();
    given(opened(single), blocked)
      .when((state) => unblockSeries({ reason }, state))
      .then(unblocked);
    given(opened(single))
      .when((state) => unblockSeries({ reason }, state))
      .thenNothing();
  });

  it('is closed for good', () => {
    given(opened(single), blocked)
      .when((state) => closeSeries({ reason }, state))
      .then(closed);
    const after = given(opened(single), closed);
    after.when((state) => closeSeries({ reason }, state)).thenNothing();
    after.when((state) => blockSeries({ reason }, state)).thenRejected('series-closed');
    after.when((state) => unblockSeries({ reason }, state)).thenRejected('series-closed');
    after.when((state) => issueCodes({ count: 1 }, state)).thenRejected('series-closed');
  });

  it('has to be there', () => {
    for (const decide of [blockSeries, unblockSeries, closeSeries]) {
      given()
        .when((state) => decide({ reason }, state))
        .thenRejected('series-not-found');
    }
    given()
      .when((state) => issueCodes({ count: 1 }, state))
      .thenRejected('series-not-found');
  });

  it('issues codes one batch after the other, and no more than it may', () => {
    given(opened(single))
      .when((state) => issueCodes({ count: 600 }, state))
      .then(issued(0, 600));
    given(opened(single), issued(0, 600))
      .when((state) => issueCodes({ count: 400 }, state))
      .then(issued(600, 400));
    given(opened(single), issued(0, 600))
      .when((state) => issueCodes({ count: 401 }, state))
      .thenRejected('too-many-codes');
  });

  it('issues codes of single use only', () => {
    for (const data of [multi, personal]) {
      given(opened(data))
        .when((state) => issueCodes({ count: 1 }, state))
        .thenRejected('series-kind-wrong');
    }
  });
});

describe('the numbers of series', () => {
  const id = (text: string) => text as SeriesId;
  const numbered = (seriesId: string, number: number, word: string | null): NumberingEvent => ({
    type: 'CouponSeriesNumbered',
    data: { seriesId: id(seriesId), number, word },
  });

  it('count up, and a series keeps its own', () => {
    givenNumbers()
      .when((state) => numberSeries({ seriesId: id('one'), word: null }, state))
      .then(numbered('one', 1, null));
    givenNumbers(numbered('one', 1, null))
      .when((state) => numberSeries({ seriesId: id('two'), word: 'TWO22' }, state))
      .then(numbered('two', 2, 'TWO22'));
    givenNumbers(numbered('one', 1, null))
      .when((state) => numberSeries({ seriesId: id('one'), word: null }, state))
      .thenNothing();
    givenNumbers(numbered('one', 1, null), numbered('two', 2, null))
      .when((state) => numberSeries({ seriesId: id('one'), word: 'ONE11' }, state))
      .then(numbered('one', 1, 'ONE11'));
  });

  it('come with words that no two series share, however they are written', () => {
    const taken = givenNumbers(numbered('one', 1, 'SOLO'));
    taken
      .when((state) => numberSeries({ seriesId: id('two'), word: 's0l0' }, state))
      .thenRejected('coupon-word-taken');
    taken.when((state) => numberSeries({ seriesId: id('one'), word: 'Solo' }, state)).thenNothing();
  });

  it('are never given twice, whatever is asked in what order', () => {
    const asked = fc.record({
      seriesId: fc.constantFrom('aa', 'bb', 'cc', 'dd').map(id),
      word: fc.constantFrom(null, 'WORD', 'w0rd', 'OTHER'),
    });
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 30 }), (commands) => {
        let state = numbering.initial();
        const owners = new Map<number, string>();
        for (const command of commands) {
          let events: NumberingEvent[] = [];
          try {
            events = numberSeries(command, state);
          } catch {
            continue;
          }
          for (const event of events) {
            const { number, seriesId } = event.data;
            expect(owners.get(number) ?? seriesId).to.equal(seriesId);
            owners.set(number, seriesId);
            state = numbering.evolve(state, { ...event, revision: 0, occurredAt: 0 });
          }
          expect(numberSeries(command, state), 'repeated').to.deep.equal([]);
        }
      }),
    );
  });
});
