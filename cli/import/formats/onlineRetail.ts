/**
 * The UCI "Online Retail" file (Chen, Sain and Guo 2012): CSV, a line per product of an invoice.
 *
 * Columns: InvoiceNo (C… is a cancellation), StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.
 * The file does not say its time zone: its times are taken as UTC, so that its days stay its days. A line is read on its own: a
 * stray quote spoils that line and not its neighbours.
 */
import { parse } from 'csv-parse/sync';
import { parseDecimal, pricePlaces, quantityPlaces } from '../decimal.js';
import type { ReceiptFormat, RejectClass, SourceLine } from '../sourceLine.js';

const columns = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
];

/** Stock codes under which the shop books what is not goods. */
const notGoods: Readonly<Record<string, string>> = {
  AMAZONFEE: 'a marketplace fee',
  B: 'an adjustment of bad debt',
  'BANK CHARGES': 'bank charges',
  C2: 'carriage',
  CRUK: 'a commission to a charity',
  D: 'a discount',
  DOT: 'postage',
  M: 'a correction by hand',
  PADS: 'a dummy article of the shop',
  POST: 'postage',
  S: 'samples',
};
const isVoucher = (code: string): boolean => /^gift_\d/i.test(code);

const fieldsOf = (text: string): readonly string[] | null => {
  if (!text.includes('"')) return text.split(',');
  try {
    const [record] = parse(text, { relax_column_count: true }) as string[][];
    return record ?? null;
  } catch {
    return null;
  }
};

/** "2010-12-01 08:26:00" as UTC; null where there is no such moment. */
const instant = (text: string): number | null => {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return null;
  const iso = `${text.replace(' ', 'T')}.000Z`;
  const at = Date.parse(iso);
  return Number.isNaN(at) || new Date(at).toISOString() !== iso ? null : at;
};

/** The lines of an invoice share their time: it is worked out once. */
let lastText = '';
let lastInstant: number | null = null;
const instantOf = (text: string): number | null => {
  if (text !== lastText) {
    lastInstant = instant(text);
    lastText = text;
  }
  return lastInstant;
};

/** "17850.0" is customer 17850: the column was once a column of floats. */
const customerOf = (text: string): string | null | undefined => {
  if (text === '') return null;
  return /^(\d{1,12})(?:\.0)?$/.exec(text)?.[1];
};

const read = (text: string, line: number): SourceLine => {
  const fields = fieldsOf(text);
  const [invoice = '', code = '', name = '', count = '', date = '', cost = '', who = ''] =
    fields ?? [];
  const broken = (reason: string): SourceLine => ({
    kind: 'reject',
    line,
    invoice,
    amountMicros: 0,
    class: 'broken',
    reason,
  });
  if (!fields) return broken('its quotes do not match');
  if (fields.length !== columns.length) {
    return broken(`${fields.length} fields instead of ${columns.length}`);
  }
  if (!/^[A-Z]?\d{1,20}$/.test(invoice)) return broken('InvoiceNo is no invoice number');
  if (!/^[0-9A-Za-z_ -]{1,40}$/.test(code)) return broken('StockCode is no product code');
  const quantity = parseDecimal(count, quantityPlaces);
  if (quantity === null) return broken(`Quantity ${count} is no number with up to 3 decimals`);
  const price = parseDecimal(cost, pricePlaces);
  if (price === null) return broken(`UnitPrice ${cost} is no number with up to 3 decimals`);
  const at = instantOf(date);
  if (at === null) return broken(`InvoiceDate ${date} is no date and time`);
  const customer = customerOf(who);
  if (customer === undefined) return broken(`CustomerID ${who} is no number`);

  const amountMicros = quantity * price;
  if (!Number.isSafeInteger(amountMicros)) return broken('the amount is too large to be exact');
  const sale = { line, invoice, amountMicros, customer, at, productId: code };
  const cancels = invoice.startsWith('C');
  const fault = faultOf({ code, quantity, price, cancels });
  if (fault) return { kind: 'reject', line, invoice, amountMicros, ...fault };
  const piece = { quantity: Math.abs(quantity), price: price / 10 };
  return cancels
    ? { kind: 'cancellation', ...sale, piece }
    : { kind: 'goods', ...sale, name: name.trim(), pieces: [piece] };
};

/** The first thing that keeps a readable line from being goods. The order decides which class a line with two faults is of. */
const faultOf = (line: {
  readonly code: string;
  readonly quantity: number;
  readonly price: number;
  readonly cancels: boolean;
}): { readonly class: RejectClass; readonly reason: string } | null => {
  const { code, quantity, price, cancels } = line;
  const what = isVoucher(code) ? 'a gift voucher' : notGoods[code.toUpperCase()];
  if (what) return { class: 'not-goods', reason: `${code} is ${what}` };
  if (price < 0) return { class: 'negative-price', reason: `the price is ${price / 1000}` };
  if (quantity === 0) return { class: 'zero-quantity', reason: 'the quantity is 0' };
  if (quantity < 0 && !cancels) {
    return { class: 'negative-quantity', reason: `the quantity is ${quantity / 1000}` };
  }
  if (price === 0) return { class: 'zero-price', reason: 'the price is 0' };
  if (cancels && quantity > 0) {
    return { class: 'positive-cancellation', reason: `the quantity is ${quantity / 1000}` };
  }
  if (price % 10 !== 0) {
    return { class: 'fractional-price', reason: `the price ${price / 1000} is no whole penny` };
  }
  if (/ /.test(code)) return { class: 'not-goods', reason: `${code} is no product code` };
  return null;
};

export const onlineRetail: ReceiptFormat = {
  name: 'online-retail',
  currency: 'GBP',
  tenantId: 'onlineretail',
  gsrnPrefix: '8018001',
  merchantName: 'Online Retail',
  tillId: 'importonlineretail',
  cardPrefix: 'OR',
  firstLine: (header) => {
    if (header.replace(/^\uFEFF/, '') !== columns.join(',')) {
      throw new Error(
        `This is not the Online Retail file: its first line should be ${columns.join(',')}`,
      );
    }
    return 2;
  },
  reader: () => read,
};
