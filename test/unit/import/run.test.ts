import { expect } from 'chai';
import { onlineRetail } from '../../../cli/import/formats/onlineRetail.js';
import type { Receiver } from '../../../cli/import/receiver.js';
import { reconcile } from '../../../cli/import/reconcile.js';
import type { Reject } from '../../../cli/import/rejectReport.js';
import { runImport, type RunState } from '../../../cli/import/run.js';

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const text = [
  header,
  '1,A,Apple,5,2011-01-01 08:00:00,1.00,7,X',
  '1,B2,Bread,1,2011-01-01 08:00:00,2.00,7,X',
  '2,A,Apple,1,2011-01-01 09:00:00,1.00,8,X',
  '3,A,Apple,2,2011-01-01 10:00:00,1.00,,X',
  'C4,A,Apple,-2,2011-01-01 11:00:00,1.00,7,X',
  '5,POST,Postage,1,2011-01-01 12:00:00,9.00,7,X',
  '6,C,Cheese,1,2011-01-01 13:00:00,3.00,7,X',
];
const fileOf = (lines: readonly string[]) => ({
  size: 1,
  consumed: () => 1,
  async *batches() {
    yield lines;
  },
});

const nothing: RunState = { settled: 0, refusals: [], position: null };

/** Remembers what it was sent; refuses what `refuses` names. */
const fakeReceiver = (refuses: readonly string[] = []) => {
  const sent: string[] = [];
  let position = 0n;
  const take = async (what: string) => {
    sent.push(what);
    await new Promise((resolve) => setImmediate(resolve));
    return refuses.includes(what)
      ? { refused: '409 purchase-exists', code: 'purchase-exists' }
      : { position: (position += 1n) };
  };
  const receiver: Receiver = {
    enrol: (customer) => take(`enrol ${customer}`),
    list: (productId) => take(`list ${productId}`),
    purchase: ({ receiptId }) => take(`purchase ${receiptId}`),
    giveBack: ({ returnId }) => take(`return ${returnId}`),
  };
  return { receiver, sent };
};

const run = async (
  receiver: Receiver,
  from: RunState = nothing,
  options: { lines?: readonly string[]; signal?: AbortSignal } = {},
) => {
  const rejects: Reject[] = [];
  const result = await runImport({
    lines: fileOf(options.lines ?? text),
    format: onlineRetail,
    receiver,
    from,
    concurrency: 4,
    reject: async (reject) => void rejects.push(reject),
    onProgress: () => undefined,
    signal: options.signal ?? new AbortController().signal,
  });
  return { ...result, rejects };
};

describe('an import', () => {
  it('enrols and lists before the first receipt, keeps the order of a customer, and adds up', async () => {
    const { receiver, sent } = fakeReceiver();
    const { books, counts, rejects, complete } = await run(receiver);
    expect(sent.indexOf('enrol 7')).to.be.below(sent.indexOf('purchase 1'));
    expect(sent.indexOf('list B2')).to.be.below(sent.indexOf('purchase 1'));
    expect(sent.indexOf('purchase 1')).to.be.below(sent.indexOf('return C4:1'));
    expect(sent.indexOf('return C4:1')).to.be.below(sent.indexOf('purchase 6'));
    expect(sent.filter((what) => what === 'list A')).to.have.length(1);
    expect(counts).to.deep.equal({ purchases: 4, returns: 1, refused: 0 });
    expect(rejects.map((reject) => [reject.line, reject.class])).to.deep.equal([[7, 'not-goods']]);
    expect(books.check()).to.equal(null);
    expect(complete).to.equal(true);
  });

  it('counts a refused receipt line by line under its reason', async () => {
    const { receiver } = fakeReceiver(['purchase 1']);
    const { books, rejects, refusals } = await run(receiver);
    expect(books.check()).to.equal(null);
    expect(books.outcome('refused')).to.deep.equal({ lines: 2, amountMicros: 7_000_000 });
    expect(
      rejects.filter((reject) => reject.class === 'refused').map(({ line }) => line),
    ).to.deep.equal([2, 3]);
    expect(refusals).to.deep.equal([{ sequence: 0, reason: '409 purchase-exists' }]);
  });

  it('refuses the receipts of a customer who cannot be enrolled', async () => {
    const { receiver, sent } = fakeReceiver(['enrol 7']);
    const { books } = await run(receiver);
    expect(sent).not.to.include('purchase 1');
    expect(books.outcome('refused').lines).to.equal(3);
    expect(books.check()).to.equal(null);
  });

  it('goes on where it was stopped, and comes to the same books', async () => {
    const whole = await run(fakeReceiver(['purchase 2']).receiver);
    for (let settled = 0; settled <= whole.settled; settled += 1) {
      const refusals = whole.refusals.filter(({ sequence }) => sequence < settled);
      const { receiver, sent } = fakeReceiver(['purchase 2']);
      const rest = await run(receiver, { settled, refusals, position: 3n });
      expect(rest.settled).to.equal(whole.settled);
      expect(rest.refusals).to.deep.equal(whole.refusals);
      expect(rest.books.imported()).to.deep.equal(whole.books.imported());
      expect(rest.rejects.map(({ line }) => line).sort()).to.deep.equal(
        whole.rejects.map(({ line }) => line).sort(),
      );
      expect(sent.filter((what) => /purchase|return/.test(what))).to.have.length(
        whole.settled - settled,
      );
    }
  });

  it('stops between two receipts, and says that it is not complete', async () => {
    const controller = new AbortController();
    const { receiver } = fakeReceiver();
    const stopping: Receiver = {
      ...receiver,
      purchase: async (item) => {
        controller.abort();
        return receiver.purchase(item);
      },
    };
    const { complete, settled } = await run(stopping, nothing, { signal: controller.signal });
    expect(complete).to.equal(false);
    expect(settled).to.be.below(5);
  });

  it('ends with the error of a server that is gone', async () => {
    const { receiver } = fakeReceiver();
    const gone: Receiver = { ...receiver, purchase: () => Promise.reject(new Error('gone')) };
    const error = await run(gone).catch((failure: Error) => failure.message);
    expect(error).to.equal('gone');
  });
});

describe('the reconciliation of an import', () => {
  it('is silent where the read model says what the file says, and names each difference', async () => {
    const { books } = await run(fakeReceiver().receiver);
    const sales = {
      ...{ receipts: 4, returns: 1, gross: 1_300, returned: 200, net: 1_100 },
      ...{ discount: 0, returnedDiscount: 0 },
    };
    expect(reconcile(books, sales).differences).to.deep.equal([]);
    expect(reconcile(books, { ...sales, gross: 1_299, net: 1_099 }).differences).to.deep.equal([
      'Gross sales: the files say 13.00, the read model 12.99.',
      'Net sales before discounts: the files say 11.00, the read model 10.99.',
    ]);
    const discounted = { ...sales, discount: 130, returnedDiscount: 20, net: 990 };
    expect(reconcile(books, discounted).differences).to.deep.equal([]);
    const earlier = { boughtMicros: 2_000_000, returnedMicros: 500_000 };
    const both = { ...sales, gross: 1_500, returned: 250, net: 1_250 };
    expect(reconcile(books, both, earlier).differences).to.deep.equal([]);
  });
});
