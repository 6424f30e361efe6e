import { expect } from 'chai';
import fc from 'fast-check';
import { cdnow, piecesOf } from '../../../cli/import/formats/cdnow.js';

describe('the CDNOW format', () => {
  it('reads a purchase and numbers the receipts of each customer', () => {
    const read = cdnow.reader();
    expect(read(' 00002 19970112  1   12.00', 2)).to.deep.equal({
      kind: 'goods',
      line: 2,
      invoice: '00002-1',
      customer: '00002',
      at: Date.UTC(1997, 0, 12, 12),
      productId: 'CD',
      name: 'Compact disc',
      amountMicros: 12_000_000,
      pieces: [{ quantity: 1_000, price: 1_200 }],
    });
    expect(read(' 00002 19970112  5   77.00', 3)).to.include({ invoice: '00002-2' });
    expect(read(' 00003 19970112  5   77.00', 4)).to.include({ invoice: '00003-1' });
  });

  it('splits a total into prices in whole cents that come to it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 99 }),
        (cents, count) => {
          const pieces = piecesOf(cents, count);
          const sum = pieces.reduce((total, { quantity, price }) => total + quantity * price, 0);
          const number = pieces.reduce((total, { quantity }) => total + quantity, 0);
          expect([sum, number]).to.deep.equal([cents * 1000, count * 1000]);
        },
      ),
    );
  });

  it('files what was paid with nothing, and what cannot be read, as rejects', () => {
    const read = cdnow.reader();
    expect(read('00001 19970101 1 0.00', 1)).to.include({ kind: 'reject', class: 'zero-price' });
    expect(read('00001 19971301 1 1.00', 2)).to.include({ kind: 'reject', class: 'broken' });
    expect(read('00001 19970101 1', 3)).to.include({ kind: 'reject', class: 'broken' });
  });

  it('takes the file with and without its line of names, and no other', () => {
    expect(cdnow.firstLine(' customer_id date number_of_cds  dollar_value')).to.equal(2);
    expect(cdnow.firstLine(' 00001 19970101  1   11.77')).to.equal(1);
    expect(() => cdnow.firstLine('InvoiceNo,StockCode')).to.throw('This is not the CDNOW file');
  });
});
