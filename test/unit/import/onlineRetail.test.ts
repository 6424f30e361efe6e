import { expect } from 'chai';
import { onlineRetail } from '../../../cli/import/formats/onlineRetail.js';

const read = (text: string) => onlineRetail.reader()(text, 7);
const line = (changes: Partial<Record<string, string>> = {}): string => {
  const fields = {
    invoice: '536365',
    code: '85123A',
    name: 'LANTERN',
    quantity: '6',
    date: '2010-12-01 08:26:00',
    price: '2.55',
    customer: '17850.0',
    country: 'United Kingdom',
    ...changes,
  };
  return Object.values(fields).join(',');
};
const classOf = (changes: Partial<Record<string, string>>) => {
  const found = read(line(changes));
  return found.kind === 'reject' ? found.class : found.kind;
};

describe('the Online Retail format', () => {
  it('reads goods with exact quantity, price and amount', () => {
    expect(read(line())).to.deep.equal({
      kind: 'goods',
      line: 7,
      invoice: '536365',
      customer: '17850',
      at: Date.UTC(2010, 11, 1, 8, 26),
      productId: '85123A',
      name: 'LANTERN',
      amountMicros: 15_300_000,
      pieces: [{ quantity: 6_000, price: 255 }],
    });
  });

  it('reads a cancellation as goods given back', () => {
    const found = read(line({ invoice: 'C536379', quantity: '-2' }));
    expect(found).to.include({ kind: 'cancellation', amountMicros: -5_100_000 });
    expect(found).to.have.deep.property('piece', { quantity: 2_000, price: 255 });
  });

  it('keeps a comma inside quotes in its field', () => {
    expect(read(line({ name: '"BOX, RED ""XL"""' }))).to.include({ name: 'BOX, RED "XL"' });
  });

  it('knows nobody where the customer is empty', () => {
    expect(read(line({ customer: '' }))).to.include({ customer: null });
  });

  const classes: [string, Partial<Record<string, string>>, string][] = [
    ['postage', { code: 'POST' }, 'not-goods'],
    ['a correction by hand in lower case', { code: 'm' }, 'not-goods'],
    ['a voucher', { code: 'gift_0001_20' }, 'not-goods'],
    ['bank charges at a tenth of a penny', { code: 'BANK CHARGES', price: '0.001' }, 'not-goods'],
    ['a price of nothing', { price: '0.0' }, 'zero-price'],
    ['a price below zero', { price: '-1.00' }, 'negative-price'],
    ['a write-off of stock', { quantity: '-3' }, 'negative-quantity'],
    ['a quantity of nothing', { quantity: '0' }, 'zero-quantity'],
    ['a cancellation that adds', { invoice: 'C1', quantity: '1' }, 'positive-cancellation'],
    ['a price in tenths of a penny', { price: '0.125' }, 'fractional-price'],
    ['a quantity that is no number', { quantity: 'six' }, 'broken'],
    ['a day that does not exist', { date: '2011-02-30 08:26:00' }, 'broken'],
    ['no invoice number', { invoice: '' }, 'broken'],
    ['no product code', { code: '' }, 'broken'],
    ['a field too many', { country: 'a,b' }, 'broken'],
    ['a quote without its pair', { name: '"LANTERN' }, 'broken'],
    ['a customer that is no number', { customer: 'Ann' }, 'broken'],
  ];
  for (const [what, changes, expected] of classes) {
    it(`files ${what} under ${expected}`, () => expect(classOf(changes)).to.equal(expected));
  }

  it('refuses another file by its first line', () => {
    expect(() => onlineRetail.firstLine('a,b,c')).to.throw('This is not the Online Retail file');
  });
});
