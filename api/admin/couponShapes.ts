/** How series of coupons and their codes look outside: times as ISO 8601, codes as they are printed. */
import { type Static, Type } from '@sinclair/typebox';
import { OpenSeriesInput } from '../../commands/coupon/openSeries.js';
import type { SeriesRecord } from '../../commands/coupons.js';
import { CouponSeriesOpened, SeriesTerms } from '../../domain/coupon/series.js';
import { Instant, instantOf, InstantOrNull, instantOrNull } from '../wire.js';

const closed = { additionalProperties: false } as const;
const { seriesId, name, kind, word } = CouponSeriesOpened.schema.properties;
const { validFrom: _from, validUntil: _until, ...bounds } = SeriesTerms.properties;

export const SeriesShown = Type.Object(
  {
    seriesId,
    name,
    kind,
    word,
    status: Type.Union([Type.Literal('open'), Type.Literal('blocked'), Type.Literal('closed')]),
    issued: Type.Integer({ description: 'Codes that hold so far' }),
    openedAt: Instant,
    terms: Type.Object({ validFrom: InstantOrNull, validUntil: InstantOrNull, ...bounds }, closed),
  },
  { ...closed, title: 'CouponSeries' },
);

export const shownSeries = (series: SeriesRecord): Static<typeof SeriesShown> => {
  const {
    seriesId: id,
    name: named,
    kind: of,
    word: own,
    status,
    issued,
    openedAt,
    terms,
  } = series;
  return {
    seriesId: id,
    name: named,
    kind: of,
    word: own,
    status,
    issued,
    openedAt: instantOf(openedAt),
    terms: {
      ...terms,
      validFrom: instantOrNull(terms.validFrom),
      validUntil: instantOrNull(terms.validUntil),
    },
  };
};

const { terms } = OpenSeriesInput.properties;
const { validFrom: _noFrom, validUntil: _noUntil, ...given } = terms.properties;

export const OpenSeriesBody = Type.Object(
  {
    ...OpenSeriesInput.properties,
    terms: Type.Optional(
      Type.Object(
        { validFrom: Type.Optional(Instant), validUntil: Type.Optional(Instant), ...given },
        { ...closed, description: 'What is left out does not bound the series' },
      ),
    ),
  },
  { ...closed, title: 'OpenCouponSeriesBody' },
);

export const openInput = (body: Static<typeof OpenSeriesBody>): OpenSeriesInput => {
  const { terms: wanted, ...named } = body;
  if (!wanted) return named;
  const { validFrom, validUntil, ...rest } = wanted;
  return {
    ...named,
    terms: {
      ...rest,
      ...(validFrom === undefined ? {} : { validFrom: Date.parse(validFrom) }),
      ...(validUntil === undefined ? {} : { validUntil: Date.parse(validUntil) }),
    },
  };
};

export const seriesExamples = [
  {
    summary: 'Codes to print, each good once',
    value: {
      seriesId: 'welcome',
      name: 'Welcome: 5.00 off',
      kind: 'singleUse',
      terms: { validUntil: '2027-01-01T00:00:00Z', codesMost: 1_000_000 },
    },
  },
  {
    summary: 'One word for everybody, at most 5,000 times, once each',
    value: {
      seriesId: 'spring',
      name: 'Spring: ten percent',
      kind: 'multiUse',
      word: 'SPRING10',
      terms: { usesMost: 5_000, usesPerCustomerMost: 1 },
    },
  },
  {
    summary: 'Coupons to grant to customers, good for 30 days',
    value: { seriesId: 'thanks', name: 'Thank you', kind: 'personal', terms: { validDays: 30 } },
  },
];
