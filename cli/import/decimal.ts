/**
 * Decimals as files write them, to integers, exactly: no float takes part, and what does not fit is null rather than rounded.
 */

/** Places of a quantity (thousandths), of a price as read (thousandths of the currency's unit) and of their product. */
export const quantityPlaces = 3;
export const pricePlaces = 3;
/** An amount is quantity × price: millionths of the currency's unit, 1 000 000 is 1.00. */
export const microsPerUnit = 1_000_000;
export const microsPerMinor = 10_000;

const shape = /^(-?)(\d{1,12})(?:\.(\d{1,12}))?$/;

/** "-4.95" with 3 places is -4950; null where it is no decimal, has more places than that, or leaves the exact range. */
export const parseDecimal = (text: string, places: number): number | null => {
  const match = shape.exec(text);
  if (!match) return null;
  const [, sign, whole, fraction = ''] = match;
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > places) return null;
  const value = Number(`${whole}${significant.padEnd(places, '0')}`);
  if (!Number.isSafeInteger(value)) return null;
  return sign && value !== 0 ? -value : value;
};

/** Millionths to text with two places or, where that would round, as many as it takes: "-11,062.06", "0.001". */
export const formatMicros = (micros: number): string => {
  const sign = micros < 0 ? '-' : '';
  const absolute = Math.abs(micros);
  const whole = Math.floor(absolute / microsPerUnit).toString();
  const fraction = String(absolute % microsPerUnit)
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction}`;
};
