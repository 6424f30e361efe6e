import { expect } from 'chai';
import fc from 'fast-check';
import { createBooks } from '../../../cli/import/accounting.js';
import { onlineRetail } from '../../../cli/import/formats/onlineRetail.js';
import { createPlanner, type Item, type ReturnItem } from '../../../cli/import/plan.js';
import { openMax } from '../../../cli/import/receipts.js';
import type { RejectedLine } from '../../../cli/import/sourceLine.js';

/** invoice, code, quantity, price, customer, minute of the day. */
type Row = readonly [string, string, number, string, string, number?];

const plan = (rows: readonly Row[]) => {
  const read = onlineRetail.reader();
  const planner = createPlanner();
  const books = createBooks();
  const items: Item[] = [];
  const rejects: RejectedLine[] = [];
  const take = (planned: ReturnType<typeof planner.end>) => {
    items.push(...planned.items);
    rejects.push(...planned.rejects);
  };
  rows.forEach(([invoice, code, quantity, price, customer, minute = 0], index) => {
    const time = new Date(Date.UTC(2011, 0, 1, 0, minute)).toISOString().slice(11, 19);
    const text = [invoice, code, 'A', quantity, `2011-01-01 ${time}`, price, customer, 'X'].join();
    const line = read(text, index + 2);
    books.read(line);
    take(planner.add(line));
  });
  take(planner.end());
  for (const { counted, kind } of items) {
    for (const count of counted) books.settle(kind === 'return' ? 'returned' : 'purchased', count);
  }
  for (const reject of rejects) {
    books.settle(reject.class, { lines: 1, amountMicros: reject.amountMicros });
  }
  return { items, rejects, books };
};
const returnsOf = (items: readonly Item[]) =>
  items.filter((item): item is ReturnItem => item.kind === 'return');

describe('the plan of an import', () => {
  it('makes one receipt of the lines of an invoice, also where two interleave', () => {
    const { items } = plan([
      ['1', 'A', 1, '1.00', '7'],
      ['2', 'K', 1, '1.00', '8'],
      ['1', 'C', 2, '1.00', '7'],
    ]);
    expect(items.map(({ receiptId, counted }) => [receiptId, counted.length])).to.deep.equal([
      ['1', 2],
      ['2', 1],
    ]);
  });

  it('numbers a receipt anew where its invoice comes again much later', () => {
    const between = Array.from({ length: openMax }, (_, i): Row => [`${i + 10}`, 'A', 1, '1', '']);
    const { items } = plan([['1', 'A', 1, '1.00', '7'], ...between, ['1', 'K', 1, '1.00', '7']]);
    expect(items.at(0)?.receiptId).to.equal('1');
    expect(items.at(-1)?.receiptId).to.equal('1:2');
  });

  it('turns a cancellation into returns of the latest purchases first', () => {
    const { items } = plan([
      ['1', 'A', 5, '1.00', '7', 1],
      ['2', 'A', 3, '1.00', '7', 2],
      ['3', 'A', 9, '2.00', '7', 3],
      ['C4', 'A', -6, '1.00', '7', 4],
    ]);
    expect(returnsOf(items)).to.have.length(2);
    expect(returnsOf(items).map(({ returnId, parts }) => [returnId, parts])).to.deep.equal([
      ['C4:2', [{ position: 1, quantity: 3_000 }]],
      ['C4:1', [{ position: 1, quantity: 3_000 }]],
    ]);
  });

  it('never gives back more than was bought, over several cancellations', () => {
    const { items, rejects } = plan([
      ['1', 'A', 5, '1.00', '7', 1],
      ['C2', 'A', -3, '1.00', '7', 2],
      ['C3', 'A', -3, '1.00', '7', 3],
      ['C4', 'A', -2, '1.00', '7', 4],
    ]);
    expect(returnsOf(items).map(({ returnId }) => returnId)).to.deep.equal(['C2:1', 'C4:1']);
    expect(rejects.map((reject) => [reject.line, reject.class])).to.deep.equal([
      [4, 'cancels-more-than-bought'],
    ]);
  });

  it('says why a cancellation matches no purchase', () => {
    const { rejects } = plan([
      ['1', 'A', 5, '1.00', '7', 5],
      ['C2', 'A', -1, '1.00', ''],
      ['C3', 'K', -1, '1.00', '7', 6],
      ['C4', 'A', -1, '1.50', '7', 6],
      ['C5', 'A', -1, '1.00', '7', 4],
      ['C6', 'A', -1, '1.00', '8', 6],
    ]);
    expect(rejects.map((reject) => reject.class)).to.deep.equal([
      'cancels-without-customer',
      'cancels-nothing-bought',
      'cancels-at-other-price',
      'cancels-nothing-bought',
      'cancels-nothing-bought',
    ]);
  });

  it('refuses a line that names another customer than its invoice', () => {
    const { rejects } = plan([
      ['1', 'A', 1, '1.00', '7'],
      ['1', 'K', 1, '1.00', '8'],
    ]);
    expect(rejects.map((reject) => reject.class)).to.deep.equal(['mixed-receipt']);
  });

  it('accounts for every line and every penny of any file', () => {
    const row = fc.tuple(
      fc.constantFrom('1', '2', '3', 'C1', 'C4', 'A5', ''),
      fc.constantFrom('A', 'K', 'POST', 'M', 'gift_0001_10', ''),
      fc.integer({ min: -4, max: 6 }),
      fc.constantFrom('1.00', '2.55', '0.0', '-1.00', '0.001', 'x'),
      fc.constantFrom('7', '8', '', 'nobody'),
      fc.integer({ min: 0, max: 59 }),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
        const { books, items } = plan(rows);
        expect(books.check()).to.equal(null);
        expect(books.file().lines).to.equal(rows.length);
        const ids = items.map((item) => (item.kind === 'return' ? item.returnId : item.receiptId));
        expect(new Set(ids).size).to.equal(ids.length);
      }),
      { numRuns: 300 },
    );
  });

  it('is the same for the same file', () => {
    const rows: Row[] = [
      ['1', 'A', 5, '1.00', '7', 5],
      ['C2', 'A', -1, '1.00', '7', 6],
    ];
    expect(plan(rows).items).to.deep.equal(plan(rows).items);
  });
});
