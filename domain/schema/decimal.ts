/** Multiples of decimal numbers, exactly as they are written: 0.3 is a multiple of 0.1, which binary fractions do not say. */

const written = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/** As a whole number and the power of ten that it is multiplied by. */
const decimalOf = (value: number): { readonly whole: bigint; readonly power: number } => {
  const [, sign, digits = '0', fraction = '', exponent = '0'] = written.exec(String(value)) ?? [];
  const whole = BigInt(`${digits}${fraction}`);
  return { whole: sign === '-' ? -whole : whole, power: Number(exponent) - fraction.length };
};

/** Of 0, nothing is. */
export const isMultiple = (value: number, of: number): boolean => {
  if (of === 0) return false;
  if (Number.isSafeInteger(value) && Number.isSafeInteger(of)) return value % of === 0;
  const one = decimalOf(value);
  const other = decimalOf(of);
  const least = Math.min(one.power, other.power);
  const scaled = ({ whole, power }: typeof one): bigint => whole * 10n ** BigInt(power - least);
  return scaled(one) % scaled(other) === 0n;
};
