/**
 * An import from its file to its books: reads, plans, sends, settles.
 *
 * The plan is made of the whole file each time, since it needs what came before to match a cancellation; what a former run settled
 * is only not sent again. A customer is enrolled before their first receipt and a product listed before the first receipt that
 * names it, whichever run that was in.
 */
import { type Books, createBooks, type Outcome } from './accounting.js';
import type { FileLines } from './fileLines.js';
import { createLanes } from './lanes.js';
import { createPlanner, type Item, type Planned, type PurchaseItem } from './plan.js';
import type { Refusal } from './progressFile.js';
import { isRefused, type Receipt, type Receiver } from './receiver.js';
import type { Reject } from './rejectReport.js';
import type { ReceiptFormat, SourceLine } from './sourceLine.js';
import { createWatermark } from './watermark.js';

export interface RunState {
  readonly settled: number;
  readonly refusals: readonly Refusal[];
  readonly position: bigint | null;
}

export interface RunOptions {
  readonly lines: FileLines;
  readonly format: ReceiptFormat;
  readonly receiver: Receiver;
  readonly from: RunState;
  readonly concurrency: number;
  readonly reject: (reject: Reject) => Promise<void>;
  /** Called often: the share of the file that is done, items done, and where a next run would go on. */
  readonly onProgress: (share: number, done: number, state: RunState) => void;
  /** Stops between two items; what is on its way is waited for. */
  readonly signal: AbortSignal;
}

export interface RunResult extends RunState {
  readonly books: Books;
  readonly counts: {
    readonly purchases: number;
    readonly returns: number;
    readonly refused: number;
  };
  readonly customers: number;
  readonly products: number;
  /** False where it was stopped: the books are not complete then. */
  readonly complete: boolean;
}

/** @throws what the receiver throws, and Error where the file is not of the format. */
export const runImport = async (options: RunOptions): Promise<RunResult> => {
  const { lines, format, receiver, from, signal } = options;
  const books = createBooks();
  const planner = createPlanner();
  const watermark = createWatermark(from.settled);
  const known = new Map(from.refusals.map(({ sequence, reason }) => [sequence, reason]));
  const refusals: Refusal[] = [];
  const lanes = createLanes({
    concurrency: options.concurrency,
    pendingMax: 8 * options.concurrency,
  });
  const introduced = createIntroductions(receiver);
  const counts = { purchases: 0, returns: 0, refused: 0 };
  let position = from.position;
  let sequence = 0;
  let done = 0;

  const state = (): RunState => ({ settled: watermark.value(), refusals, position });

  /** Of the file, as far as what was read of it is settled. */
  const share = (): number =>
    (lines.consumed() / lines.size) * (sequence === 0 ? 1 : done / sequence);

  const settle = async (item: Item, number: number, refused: string | undefined): Promise<void> => {
    if (refused !== undefined) {
      refusals.push({ sequence: number, reason: refused });
      counts.refused += 1;
      for (const line of item.counted) {
        books.settle('refused', line);
        await options.reject({ ...line, class: 'refused', reason: refused });
      }
    } else {
      counts[item.kind === 'purchase' ? 'purchases' : 'returns'] += 1;
      for (const line of item.counted) books.settle(outcomeOf(item), line);
    }
    watermark.settle(number);
    done += 1;
    options.onProgress(share(), done, state());
  };

  const carryOut = async (item: Item, number: number): Promise<void> => {
    const receipt = await send(receiver, introduced, item);
    if (isRefused(receipt)) return settle(item, number, receipt.refused);
    if (receipt.position !== null && (position === null || receipt.position > position)) {
      position = receipt.position;
    }
    return settle(item, number, undefined);
  };

  const take = async ({ items, rejects }: Planned): Promise<void> => {
    for (const reject of rejects) {
      books.settle(reject.class, { lines: 1, amountMicros: reject.amountMicros });
      await options.reject(reject);
    }
    for (const item of items) {
      if (signal.aborted) return;
      const number = sequence;
      sequence += 1;
      if (number < from.settled) {
        const refused = known.get(number);
        if (refused === undefined) introduced.were(item);
        await settle(item, number, refused);
      } else {
        await lanes.submit(laneOf(item), () => carryOut(item, number));
      }
    }
  };

  const abort = (): void => lanes.stop();
  signal.addEventListener('abort', abort, { once: true });
  try {
    for await (const batch of sourceBatches(lines, format)) {
      for (const line of batch) {
        if (signal.aborted) break;
        books.read(line);
        const planned = planner.add(line);
        if (planned.items.length + planned.rejects.length > 0) await take(planned);
      }
      if (signal.aborted) break;
      options.onProgress(share(), done, state());
    }
    if (!signal.aborted) await take(planner.end());
    await lanes.idle();
  } finally {
    lanes.stop();
    signal.removeEventListener('abort', abort);
    options.onProgress(share(), done, state());
  }
  const { customers, products } = introduced;
  return {
    ...state(),
    books,
    counts,
    customers: customers(),
    products: products(),
    complete: !signal.aborted,
  };
};

async function* sourceBatches(
  lines: FileLines,
  format: ReceiptFormat,
): AsyncGenerator<readonly SourceLine[]> {
  const read = format.reader();
  let number = 0;
  let first = 1;
  for await (const batch of lines.batches()) {
    if (number === 0) first = format.firstLine(batch[0] ?? '');
    const header = number === 0 ? first - 1 : 0;
    const start = number;
    yield batch.slice(header).map((text, index) => read(text, start + header + index + 1));
    number += batch.length;
  }
}

const outcomeOf = (item: Item): Outcome =>
  item.kind === 'return' ? 'returned' : item.customer === null ? 'anonymous' : 'purchased';

/** Anonymous receipts have no order to keep. */
const laneOf = (item: Item): string => item.customer ?? `/${item.receiptId}`;

const send = async (
  receiver: Receiver,
  introduced: Introductions,
  item: Item,
): Promise<Receipt> => {
  if (item.kind === 'return') return receiver.giveBack(item);
  const refused = await introduced.before(item);
  return refused ?? receiver.purchase(item);
};

interface Introductions {
  /** Enrols and lists what the receipt names, once each. The first refusal, or null. */
  before(item: PurchaseItem): Promise<Receipt | null>;
  /** A former run did it. */
  were(item: Item): void;
  readonly customers: () => number;
  readonly products: () => number;
}

const createIntroductions = (receiver: Receiver): Introductions => {
  const customers = new Map<string, Promise<Receipt>>();
  const products = new Map<string, Promise<Receipt>>();
  const accepted = Promise.resolve<Receipt>({ position: null });
  const once = (
    among: Map<string, Promise<Receipt>>,
    key: string,
    introduce: () => Promise<Receipt>,
  ): Promise<Receipt> => {
    let introduction = among.get(key);
    if (!introduction) among.set(key, (introduction = introduce()));
    return introduction;
  };
  return {
    before: async ({ customer, pieces }) => {
      const names = new Map(pieces.map(({ productId, name }) => [productId, name]));
      const receipts = await Promise.all([
        ...(customer === null ? [] : [once(customers, customer, () => receiver.enrol(customer))]),
        ...[...names].map(([id, name]) => once(products, id, () => receiver.list(id, name))),
      ]);
      return receipts.find(isRefused) ?? null;
    },
    were: (item) => {
      if (item.kind === 'return') return;
      if (item.customer !== null) customers.set(item.customer, accepted);
      for (const { productId } of item.pieces) products.set(productId, accepted);
    },
    customers: () => customers.size,
    products: () => products.size,
  };
};
