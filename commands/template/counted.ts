/**
 * What LiquidJS does without counting it against the memory that a template may take: a text that is captured, which doubles with each
 * capture of itself, lists that are put together, and a text that is encoded for a link. Counted here, no text and no list of a template
 * grows past the limit; so whatever else is done with one has to do with no more than that.
 */
import { CaptureTag, type Context, type FilterImplOptions, type Liquid } from 'liquidjs';

export class CountedCapture extends CaptureTag {
  override *render(context: Context): Generator<unknown, void, string> {
    yield* super.render(context);
    const captured = (context.bottom() as Record<string, unknown>)[this.variable];
    context.memoryLimit.use(String(captured).length);
  }
}

interface FilterCall {
  readonly context: Context;
}
type Filter = (this: FilterCall, ...given: unknown[]) => unknown;

const asFilter = (filter: Filter): FilterImplOptions => filter as FilterImplOptions;

const lengthOf = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + lengthOf(one), 0);
  return typeof value === 'string' ? value.length : 1;
};

/** A list holds each text once however often it names it, until it is written. */
const countedConcat = (concat: Filter): Filter =>
  function (value, other) {
    this.context.memoryLimit.use(lengthOf(value) + lengthOf(other));
    return concat.call(this, value, other);
  };

/** A sign is at most nine in a link. */
const growthMax = 9;
/** Half a sign cannot be encoded, and would end the whole message. */
const halfSigns = /\p{Surrogate}/gu;

const encode: Filter = function (value) {
  const text = [value ?? ''].flat().join('');
  this.context.memoryLimit.use(text.length * growthMax);
  return encodeURIComponent(text.replace(halfSigns, '\ufffd')).replace(/%20/g, '+');
};

export const countAll = (engine: Liquid): void => {
  engine.registerTag('capture', CountedCapture);
  engine.registerFilter('url_encode', asFilter(encode));
  const { concat } = engine.filters;
  engine.registerFilter('concat', asFilter(countedConcat(concat as unknown as Filter)));
};
