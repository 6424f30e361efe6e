/**
 * GSRN: the number that identifies a customer. Here 25 decimal digits, of which the last is the check digit that GS1 defines
 * for all its keys: weights 3, 1, 3 … from the right, the sum brought up to the next ten.
 */
import type { UserId } from './ids.js';

const length = 25;

export const checkDigit = (digits: string): number => {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit * 3 : digit;
  }
  return (10 - (sum % 10)) % 10;
};

export const isGsrn = (value: string): value is UserId =>
  /^[0-9]{25}$/.test(value) && checkDigit(value.slice(0, -1)) === value.charCodeAt(length - 1) - 48;

/** 24 digits: `prefix` (the programme's), then the digits of `serial`, zero-filled between them. Throws where they do not fit. */
export const gsrn = (prefix: string, serial: bigint): UserId => {
  const room = length - 1 - prefix.length;
  const digits = serial.toString();
  if (digits.length > room)
    throw new RangeError(`the serial ${digits} does not fit into ${room} digits`);
  const body = prefix + digits.padStart(room, '0');
  return `${body}${checkDigit(body)}` as UserId;
};
