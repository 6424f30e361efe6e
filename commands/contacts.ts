/**
 * One spelling for each phone number and e-mail address, so that the same contact has the same hash however it was typed.
 */
import parsePhoneNumber, { type CountryCode, isSupportedCountry } from 'libphonenumber-js';
import { rejected } from '../domain/rejected.js';

/** E.164. Without a `country` (ISO 3166, two letters) the number must begin with +. @throws Rejected invalid-contact */
export const normalPhone = (phone: string, country?: string): string => {
  const home = country && isSupportedCountry(country) ? (country as CountryCode) : undefined;
  const number = parsePhoneNumber(phone, home);
  if (!number?.isValid()) {
    const advice = home ? `not a number of ${home}` : 'give it with + and the country code';
    throw rejected('invalid-contact', { kind: 'phone', advice });
  }
  return number.number;
};

// The length limits of RFC 5321 and the grammar that mail systems accept in practice; only a message proves an address.
const address =
  /^(?=.{1,64}@)[^\s@"(),:;<>[\\\]]+@(?=.{4,253}$)([^\s@.\-_][^\s@._]*\.)+[^\s@.\d_-][^\s@._]*$/u;

/** Lower case. @throws Rejected invalid-contact */
export const normalEmail = (email: string): string => {
  const plain = email.trim().normalize('NFKC').toLowerCase();
  if (!address.test(plain) || plain.includes('..')) {
    throw rejected('invalid-contact', { kind: 'email', advice: 'give it as name@example.com' });
  }
  return plain;
};
