/** Made-up receipts as lines of the Online Retail format: wholesale and single pieces, odd pence, returns in parts, nobody we know. */
const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

const names = [
  ...['RED TEA CUP', 'BLUE MUG', 'CAKE PLATE LARGE', 'SMALL BOWL', 'COFFEE JAR'],
  ...['WHITE HEART SIGN', 'WOODEN FRAME', 'NIGHT LIGHT', 'CANDLE HOLDER', 'WALL CLOCK'],
  ...['JUMBO BAG RED', 'PAPER WRAP', 'GREETING CARDS', 'TOY TRAIN', 'UMBRELLA'],
];

interface Bought {
  readonly customer: number;
  readonly product: number;
  readonly pence: number;
  left: number;
}

const decimal = (pence: number): string => (pence / 100).toFixed(2);
const dayMs = 86_400_000;

/** Numbers from 0 up to but not including what is asked for; the same seed gives the same. */
export const seeded = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return below < 1 ? 0 : (state >>> 8) % below;
  };
};

export const madeUpReceipts = (draw: (below: number) => number, invoices: number): string[] => {
  const lines = [header];
  const bought: Bought[] = [];
  const begin = Date.UTC(2010, 11, 1, 8);
  for (let n = 0; n < invoices; n += 1) {
    const at = new Date(begin + Math.floor((n * 370 * dayMs) / invoices));
    const date = at.toISOString().slice(0, 19).replace('T', ' ');
    const line = (invoice: string, { product, pence }: Bought, pieces: number, who: string) =>
      lines.push(
        `${invoice},P${product},${names[product]},${pieces},${date},${decimal(pence)},${who},UK`,
      );
    const earlier = bought[draw(bought.length)];
    if (earlier && earlier.left > 0 && draw(4) === 0) {
      const pieces = 1 + draw(earlier.left);
      earlier.left -= pieces;
      line(`C${n + 1}`, earlier, -pieces, `${earlier.customer}.0`);
      continue;
    }
    const customer = 12_000 + draw(40);
    const known = draw(7) > 0;
    for (let count = 1 + draw(8); count > 0; count -= 1) {
      const pieces = draw(5) === 0 ? 20 + draw(300) : 1 + draw(5);
      // Few prices, so that units of several lines cost the same; some so low that a part of a penny is to be rounded.
      const pence = [1, 7, 55, 85, 125, 295, 1_275][draw(7)] as number;
      const one = { customer, product: draw(names.length), pence, left: known ? pieces : 0 };
      bought.push(one);
      line(`${n + 1}`, one, pieces, known ? `${customer}.0` : '');
    }
  }
  return lines;
};
