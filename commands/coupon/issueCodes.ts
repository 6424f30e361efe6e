/** Makes the next codes of a series hold. They are not made here: whoever exports them derives them (see domain/coupon/codes.ts). */
import { Type } from '@sinclair/typebox';
import { SeriesId } from '../../domain/coupon/ids.js';
import {
  CouponCodesIssued,
  issueCodes as decide,
  series,
  seriesStream,
} from '../../domain/coupon/series.js';
import { defineCommand } from '../command.js';

export const issueCodes = defineCommand({
  name: 'IssueCouponCodes',
  summary: 'Issues the next codes of a series of single use.',
  input: Type.Object(
    { seriesId: SeriesId, count: CouponCodesIssued.schema.properties.count },
    { additionalProperties: false, title: 'IssueCouponCodes' },
  ),
  aggregate: series,
  stream: (input, context) => seriesStream(context.tenant, input.seriesId),
  lookUp: () => undefined,
  decide: ({ count }, state) => decide({ count }, state),
  answer: ({ events, input }) => {
    const [issued] = events;
    if (issued?.type !== 'CouponCodesIssued') throw new Error('codes were issued without an event');
    const { first, count } = issued.data;
    return { seriesId: input.seriesId, first, count, issued: first + count };
  },
});
