/**
 * Amounts as people read them: 1999 of GBP is "19.99 GBP", 150 hundredths are "1.5".
 */
const digitsByCurrency = new Map<string, number>();

/** Minor digits of an ISO 4217 currency; two where it is not known. */
export const minorDigits = (currency: string): number => {
  let digits = digitsByCurrency.get(currency);
  if (digits === undefined) {
    digits =
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
        .maximumFractionDigits ?? 2;
    digitsByCurrency.set(currency, digits);
  }
  return digits;
};

export const moneyText = (minorUnits: number, currency: string): string => {
  const digits = minorDigits(currency);
  const text = String(minorUnits).padStart(digits + 1, '0');
  if (digits === 0) return `${text} ${currency}`;
  return `${text.slice(0, -digits)}.${text.slice(-digits)} ${currency}`;
};

/** Without trailing zeros: whole points look whole. */
export const pointsText = (hundredths: number): string => {
  const sign = hundredths < 0 ? '-' : '';
  const text = String(Math.abs(hundredths)).padStart(3, '0');
  const part = text.slice(-2).replace(/0+$/, '');
  return `${sign}${text.slice(0, -2)}${part && `.${part}`}`;
};

/** A time in milliseconds as 2011-12-09T12:50:00.000Z. */
export const timeText = (milliseconds: number): string => new Date(milliseconds).toISOString();
