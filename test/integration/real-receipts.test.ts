/**
 * The real files, read and planned to the last line, without a server. They are not part of the project: KOPILKA_DATA_DIR names the
 * folder that holds them (docs/guides/import-receipts.md says where the originals are to be had).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { formatMicros } from '../../cli/import/decimal.js';
import { openLines } from '../../cli/import/fileLines.js';
import { formatNamed } from '../../cli/import/formats/formats.js';
import type { Receiver } from '../../cli/import/receiver.js';
import { runImport } from '../../cli/import/run.js';
import type { ReceiptFormat } from '../../cli/import/sourceLine.js';

const accepted = { position: null };
const acceptsAll: Receiver = {
  enrol: () => Promise.resolve(accepted),
  list: () => Promise.resolve(accepted),
  purchase: () => Promise.resolve(accepted),
  giveBack: () => Promise.resolve(accepted),
};

const folder = process.env['KOPILKA_DATA_DIR'] ?? '';
const why = 'set KOPILKA_DATA_DIR to the folder of the real receipts';

const booksOf = async (file: string, format: string) => {
  const result = await runImport({
    lines: await openLines(file),
    format: formatNamed(format) as ReceiptFormat,
    receiver: acceptsAll,
    from: { settled: 0, refusals: [], position: null },
    concurrency: 8,
    reject: () => Promise.resolve(),
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  expect(result.books.check()).to.equal(null);
  return result;
};

describe('the real receipts', function () {
  this.timeout(120_000);

  const fileOrPending = (context: Mocha.Context, name: string): string => {
    const file = join(folder, name);
    if (folder && existsSync(file)) return file;
    context.test!.title += ` (pending: ${why})`;
    return context.skip();
  };

  it('of Online Retail are accounted for to the penny, every line in its class', async function () {
    const file = fileOrPending(this, 'online-retail.csv.gz');
    const { books, counts, customers, products } = await booksOf(file, 'online-retail');
    expect(books.file().lines).to.equal(541_909);
    expect(formatMicros(books.file().amountMicros)).to.equal('9,747,747.934');
    const linesOf = (name: Parameters<typeof books.outcome>[0]) => books.outcome(name).lines;
    expect({
      purchased: linesOf('purchased'),
      anonymous: linesOf('anonymous'),
      returned: linesOf('returned'),
      notGoods: linesOf('not-goods'),
      zeroPrice: linesOf('zero-price'),
      negativeQuantity: linesOf('negative-quantity'),
      withoutCustomer: linesOf('cancels-without-customer'),
      nothingBought: linesOf('cancels-nothing-bought'),
      otherPrice: linesOf('cancels-at-other-price'),
      moreThanBought: linesOf('cancels-more-than-bought'),
      broken: linesOf('broken'),
    }).to.deep.equal({
      purchased: 396_337,
      anonymous: 131_421,
      returned: 7_121,
      notGoods: 2_950,
      zeroPrice: 1_161,
      negativeQuantity: 1_336,
      withoutCustomer: 165,
      nothingBought: 1_031,
      otherPrice: 311,
      moreThanBought: 76,
      broken: 0,
    });
    expect(formatMicros(books.imported().amountMicros)).to.equal('9,827,114.15');
    expect(counts).to.deep.equal({ purchases: 19_773, returns: 3_622, refused: 0 });
    expect([customers, products]).to.deep.equal([4_334, 3_907]);
  });

  it('of CDNOW come to the very cent', async function () {
    const file = fileOrPending(this, 'cdnow-purchases.txt.gz');
    const { books, counts, customers } = await booksOf(file, 'cdnow');
    expect(books.file().lines).to.equal(69_659);
    expect(formatMicros(books.file().amountMicros)).to.equal('2,500,315.63');
    expect(formatMicros(books.imported().amountMicros)).to.equal('2,500,315.63');
    expect(books.outcome('zero-price').lines).to.equal(80);
    expect([counts.purchases, customers]).to.deep.equal([69_579, 23_502]);
  });
});
