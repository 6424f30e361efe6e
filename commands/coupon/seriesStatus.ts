/** Blocks a series for a while, or closes it for good: its codes and its granted coupons are refused from then on. */
import { Type } from '@sinclair/typebox';
import { SeriesId } from '../../domain/coupon/ids.js';
import {
  blockSeries as block,
  closeSeries as close,
  series,
  type Series,
  type SeriesEvent,
  seriesStream,
  unblockSeries as unblock,
} from '../../domain/coupon/series.js';
import { defineCommand } from '../command.js';

const reason = Type.String({ minLength: 1, maxLength: 500 });

const changing = (
  name: string,
  summary: string,
  decide: (command: { readonly reason: string }, state: Series) => SeriesEvent[],
) =>
  defineCommand({
    name,
    summary,
    input: Type.Object(
      { seriesId: SeriesId, reason },
      { additionalProperties: false, title: name },
    ),
    aggregate: series,
    stream: (input, context) => seriesStream(context.tenant, input.seriesId),
    lookUp: () => undefined,
    decide: (input, state) => decide(input, state),
    answer: ({ input, state }) => ({
      seriesId: input.seriesId,
      status: state.status === 'unknown' ? ('open' as const) : state.status,
    }),
  });

export const blockSeries = changing(
  'BlockCouponSeries',
  'Refuses the coupons of a series until it is unblocked.',
  block,
);
export const unblockSeries = changing(
  'UnblockCouponSeries',
  'Takes the coupons of a blocked series again.',
  unblock,
);
export const closeSeries = changing('CloseCouponSeries', 'Ends a series for good.', close);
