/**
 * Opens a series of coupons: first its number is given out, in the one stream that all series of the tenant share, then the series
 * begins under it. A command that broke off between the two finds the number again when it is repeated.
 */
import { Type, type Static } from '@sinclair/typebox';
import { numbering, numberingStream, numberSeries, Word } from '../../domain/coupon/numbering.js';
import {
  CouponSeriesOpened,
  openSeries as decide,
  series,
  seriesStream,
  SeriesTerms,
} from '../../domain/coupon/series.js';
import { type CommandContext, defineCommand } from '../command.js';
import type { Handled, Handler } from '../handle.js';
import { presentMerchant, presentTenant } from '../registry/present.js';
import { assertValid } from '../validation.js';

const { seriesId, number, name, kind, word } = CouponSeriesOpened.schema.properties;
const closed = { additionalProperties: false } as const;

const numberSeriesCommand = defineCommand({
  name: 'NumberCouponSeries',
  summary: 'Gives a series of coupons its number for life, and its word.',
  input: Type.Object({ seriesId, word }, { ...closed, title: 'NumberCouponSeries' }),
  aggregate: numbering,
  stream: (_input, context) => numberingStream(context.tenant),
  lookUp: (_input, context, { directory }) => presentTenant(directory, context.tenant),
  decide: (input, state) => numberSeries(input, state),
  answer: ({ events, state, input }) => {
    const given = events[0]?.data.number ?? state.numbers.get(input.seriesId);
    if (given === undefined) throw new Error('a series that was numbered has no number');
    return given;
  },
});

const openSeriesCommand = defineCommand({
  name: 'OpenCouponSeries',
  summary: 'Opens a series of coupons under its terms, which never change.',
  input: Type.Object(
    { seriesId, number, name, kind, word, terms: SeriesTerms },
    { ...closed, title: 'OpenNumberedSeries' },
  ),
  aggregate: series,
  stream: (input, context) => seriesStream(context.tenant, input.seriesId),
  // The number is not the caller's.
  fingerprinted: ({ number: _number, ...input }) => input,
  lookUp: (input, context, { directory }) => {
    for (const merchantId of input.terms.merchants ?? []) {
      presentMerchant(directory, context.tenant, merchantId);
    }
  },
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => input,
});

const part = <Name extends keyof SeriesTerms>(term: Name) =>
  Type.Optional(SeriesTerms.properties[term]);

/** Terms that are left out do not bound the series. */
export const OpenSeriesInput = Type.Object(
  {
    seriesId,
    name,
    kind,
    word: Type.Optional(Word),
    terms: Type.Optional(
      Type.Object(
        {
          validFrom: part('validFrom'),
          validUntil: part('validUntil'),
          validDays: part('validDays'),
          grantedAfter: part('grantedAfter'),
          codesMost: part('codesMost'),
          usesMost: part('usesMost'),
          usesPerCustomerMost: part('usesPerCustomerMost'),
          merchants: part('merchants'),
        },
        closed,
      ),
    ),
  },
  { ...closed, title: 'OpenCouponSeries' },
);
export type OpenSeriesInput = Static<typeof OpenSeriesInput>;

/** As many codes as anybody prints. */
const codesMostDefault = 1_000_000;

const wholeTerms = ({ kind: of, word: own, terms = {} }: OpenSeriesInput): SeriesTerms => {
  const codes = { personal: 0, singleUse: codesMostDefault, multiUse: own === undefined ? 1 : 0 };
  return {
    validFrom: terms.validFrom ?? null,
    validUntil: terms.validUntil ?? null,
    validDays: terms.validDays ?? null,
    ...(terms.grantedAfter === undefined ? {} : { grantedAfter: terms.grantedAfter }),
    codesMost: terms.codesMost ?? codes[of],
    usesMost: terms.usesMost ?? null,
    usesPerCustomerMost: terms.usesPerCustomerMost ?? null,
    merchants: terms.merchants ?? null,
  };
};

/**
 * Times in milliseconds. The promise is refused with Rejected coupon-terms-wrong, coupon-word-taken, too-many-series,
 * already-registered, and those of the tenant and the merchants.
 */
export const openSeries = async (
  handler: Handler,
  input: OpenSeriesInput,
  context: CommandContext,
): Promise<Handled<Static<typeof openSeriesCommand.input>>> => {
  assertValid(OpenSeriesInput, input);
  const terms = wholeTerms(input);
  const own = input.word ?? null;
  const named = { seriesId: input.seriesId, name: input.name, kind: input.kind };
  // Terms that disagree take no number.
  decide({ ...named, number: 1, word: own, terms }, { status: 'unknown' });
  const numbered = { seriesId: input.seriesId, word: own };
  const { answer } = await handler.handle(numberSeriesCommand, numbered, context);
  const opening = { ...named, number: answer, word: own, terms };
  return handler.handle(openSeriesCommand, opening, context);
};
