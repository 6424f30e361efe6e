/**
 * Numbers of coupon series, which their codes begin with, and the words of those that have one. Invariant: a number and a word are
 * given out once in a tenant and for life, in one stream, so no code can ever belong to two series.
 *
 * Nothing is taken back: a series that was numbered and then not opened finds its number again when it is.
 */
import { Type } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import type { TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';
import { canonical, seriesNumberMost } from './codes.js';
import { SeriesId } from './ids.js';

export const numberingStream = (tenant: TenantId) => streamName('seriesnumbers', tenant, 'all');

export const SeriesNumber = Type.Integer({ minimum: 1, maximum: seriesNumberMost });
/** As it is printed; see codes.ts for what it is compared by. */
export const Word = Type.String({
  pattern: '^[0-9A-Za-z]{4,15}$',
  description: 'The code of a series of many uses',
  examples: ['SPRING10'],
});

// These names are the storage format: proof-read, version with care.
export const CouponSeriesNumbered = event('CouponSeriesNumbered', {
  seriesId: SeriesId,
  number: SeriesNumber,
  word: Type.Union([Word, Type.Null()]),
});
export const numberingEvents = [CouponSeriesNumbered] as const;
export type NumberingEvent = EventOf<(typeof numberingEvents)[number]>;

/** Changed in place by `evolve`. */
export interface Numbering {
  readonly numbers: Map<SeriesId, number>;
  /** By their canonical form. */
  readonly words: Map<string, SeriesId>;
}

export const numbering: Aggregate<Numbering, NumberingEvent> = {
  category: 'seriesnumbers',
  initial: () => ({ numbers: new Map(), words: new Map() }),
  evolve: (state, event) => {
    switch (event.type) {
      case 'CouponSeriesNumbered': {
        const { seriesId, number, word } = event.data;
        state.numbers.set(seriesId, number);
        if (word !== null) state.words.set(canonical(word), seriesId);
        return state;
      }
      default:
        return unreachable(event.type);
    }
  },
};

/** @throws Rejected coupon-word-taken, too-many-series */
export const numberSeries = (
  command: { readonly seriesId: SeriesId; readonly word: string | null },
  state: Numbering,
): NumberingEvent[] => {
  const { seriesId, word } = command;
  if (word !== null) {
    const owner = state.words.get(canonical(word));
    if (owner !== undefined && owner !== seriesId) {
      throw rejected('coupon-word-taken', { word });
    }
  }
  const known = state.numbers.get(seriesId);
  const worded = word === null || state.words.has(canonical(word));
  if (known !== undefined && worded) return []; // already carried out
  const number = known ?? state.numbers.size + 1;
  if (number > seriesNumberMost) throw rejected('too-many-series', { most: seriesNumberMost });
  return [{ type: 'CouponSeriesNumbered', data: { seriesId, number, word } }];
};
