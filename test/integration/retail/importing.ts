/** The importer over a shop of the past, with a catalogue that has categories, a list of regulars and campaigns before the first receipt. */
import type { FileLines } from '../../../cli/import/fileLines.js';
import { onlineRetail } from '../../../cli/import/formats/onlineRetail.js';
import type { Receiver } from '../../../cli/import/receiver.js';
import { type RunResult, runImport } from '../../../cli/import/run.js';
import { gsrn } from '../../../domain/gsrn.js';
import { categoryOf, isRegular, morePoints, type Planned } from './campaigns.js';
import { gsrnPrefix, type PastShop } from './pastShop.js';

/** The day before the file's first, and that after its last. */
export const before = Date.UTC(2010, 10, 30);
export const afterwards = Date.UTC(2011, 11, 10);

export const fileOf = (lines: readonly string[]): FileLines => ({
  size: 1,
  consumed: () => 1,
  async *batches() {
    yield lines;
  },
});

const run = (lines: FileLines, receiver: Receiver, concurrency: number): Promise<RunResult> =>
  runImport({
    ...{ lines, format: onlineRetail, receiver, concurrency },
    from: { settled: 0, refusals: [], position: null },
    reject: () => Promise.resolve(),
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });

interface Named {
  readonly customers: Set<string>;
  readonly products: Map<string, string>;
}

/** Who and what is in the file. */
const namesIn = async (lines: FileLines): Promise<Named> => {
  const named: Named = { customers: new Set(), products: new Map() };
  const accepted = Promise.resolve({ position: null });
  await run(
    lines,
    {
      enrol: (customer) => (named.customers.add(customer), accepted),
      list: (productId, name) => (named.products.set(productId, name), accepted),
      purchase: () => accepted,
      giveBack: () => accepted,
    },
    1,
  );
  return named;
};

/** At most so many on their way at once. */
const each = async <Item>(items: Iterable<Item>, work: (item: Item) => Promise<unknown>) => {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: 8 }, lane));
};

export const prepare = async (shop: PastShop, lines: FileLines): Promise<void> => {
  const { customers, products } = await namesIn(lines);
  await each(products, ([productId, name]) => {
    const category = categoryOf(name);
    const product = { productId, name: name || productId, category, merchantId: null, price: null };
    return shop.send('POST', '/products', product);
  });
  const regulars = [...customers].filter(isRegular);
  const { enrol } = shop.receiver(onlineRetail);
  await each(regulars, enrol);
  await shop.catchUp();
  const segmentId = morePoints.segment;
  const definition = { kind: 'static' };
  await shop.send('POST', '/segments', { segmentId, name: 'Regulars', definition });
  for (let from = 0; from < regulars.length; from += 1_000) {
    const some = regulars.slice(from, from + 1_000);
    const add = some.map((customer) => gsrn(gsrnPrefix, BigInt(customer)));
    await shop.send('POST', `/segments/${segmentId}/members`, { add });
  }
};

export const schedule = async (
  shop: PastShop,
  { campaignId, campaign, from, until }: Planned,
): Promise<void> => {
  await shop.send('POST', '/campaigns', { campaignId, campaign });
  await shop.send('POST', `/campaigns/${campaignId}/schedule`, { version: 1, from, until });
};

/** As `kopilka import receipts` does it, long after the receipts were made out. */
export const importReceipts = async (shop: PastShop, lines: FileLines): Promise<RunResult> => {
  shop.setClock(afterwards);
  const result = await run(lines, shop.receiver(onlineRetail), 8);
  await shop.catchUp();
  return result;
};
