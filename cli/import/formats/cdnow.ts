/**
 * The CDNOW file: one purchase a line, customer_id date number_of_cds dollar_value, separated by blanks.
 *
 * It knows totals, not prices: a total that does not divide by the number of CDs becomes two pieces whose prices differ by a cent,
 * so that the receipt comes to the very total. It has no receipt numbers either: a customer's lines are numbered as they come.
 * Days are taken as UTC, at noon.
 */
import { microsPerMinor, parseDecimal } from '../decimal.js';
import type { Piece, ReceiptFormat, SourceLine } from '../sourceLine.js';

const columns = ['customer_id', 'date', 'number_of_cds', 'dollar_value'];
const noonMs = 12 * 3_600_000;

const day = (text: string): number | null => {
  const match = /^(\d{4})(\d\d)(\d\d)$/.exec(text);
  if (!match) return null;
  const date = match.slice(1).join('-');
  const at = Date.parse(`${date}T00:00:00.000Z`);
  return Number.isNaN(at) || !new Date(at).toISOString().startsWith(date) ? null : at + noonMs;
};

/** `cents` over `count` pieces: 2501 over 2 is one at 12.50 and one at 12.51. */
export const piecesOf = (cents: number, count: number): Piece[] => {
  const price = Math.floor(cents / count);
  const dearer = cents - price * count;
  const pieces = [
    { quantity: (count - dearer) * 1000, price },
    { quantity: dearer * 1000, price: price + 1 },
  ];
  return pieces.filter(({ quantity }) => quantity > 0);
};

const readerOf = () => {
  const receipts = new Map<string, number>();
  return (text: string, line: number): SourceLine => {
    const fields = text.trim().split(/\s+/);
    const [customer = '', date = '', count = '', value = ''] = fields;
    const known = /^\d{1,12}$/.test(customer);
    const number = known ? (receipts.get(customer) ?? 0) + 1 : 0;
    if (known) receipts.set(customer, number);
    const invoice = known ? `${customer}-${number}` : '';
    const reject = (
      kind: 'broken' | 'zero-price' | 'negative-price' | 'zero-quantity' | 'negative-quantity',
      reason: string,
      amountMicros = 0,
    ): SourceLine => ({ kind: 'reject', line, invoice, amountMicros, class: kind, reason });
    if (fields.length !== 4) return reject('broken', `${fields.length} fields instead of 4`);
    if (!known) return reject('broken', `customer_id ${customer} is no number`);
    const at = day(date);
    if (at === null) return reject('broken', `date ${date} is no day`);
    const pieces = parseDecimal(count, 0);
    if (pieces === null) return reject('broken', `number_of_cds ${count} is no whole number`);
    const cents = parseDecimal(value, 2);
    if (cents === null) return reject('broken', `dollar_value ${value} is no amount in cents`);
    const amountMicros = cents * microsPerMinor;
    if (!Number.isSafeInteger(amountMicros)) return reject('broken', 'the amount is too large');
    if (cents < 0) return reject('negative-price', `the value is ${value}`, amountMicros);
    if (pieces < 0) return reject('negative-quantity', `the number is ${count}`, amountMicros);
    if (pieces === 0) return reject('zero-quantity', 'the number is 0', amountMicros);
    if (cents === 0) return reject('zero-price', 'the value is 0', amountMicros);
    return {
      kind: 'goods',
      line,
      invoice,
      amountMicros,
      customer,
      at,
      productId: 'CD',
      name: 'Compact disc',
      pieces: piecesOf(cents, pieces).filter(({ price }) => price > 0),
    };
  };
};

export const cdnow: ReceiptFormat = {
  name: 'cdnow',
  currency: 'USD',
  tenantId: 'cdnow',
  gsrnPrefix: '8018002',
  merchantName: 'CDNOW',
  tillId: 'importcdnow',
  cardPrefix: 'CDN',
  // The file is spread with and without the line of names.
  firstLine: (first) => {
    const fields = first.trim().split(/\s+/);
    if (fields.join() === columns.join()) return 2;
    if (fields.length === columns.length && fields.every((field) => /^-?[\d.]+$/.test(field))) {
      return 1;
    }
    throw new Error(`This is not the CDNOW file: its columns should be ${columns.join(' ')}`);
  },
  reader: readerOf,
};
