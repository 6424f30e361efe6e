/**
 * The codes of a series as a CSV file. It is made while it is sent, however many there are, and other requests have their turn between
 * two batches of it.
 */
import { Type } from '@sinclair/typebox';
import { codesMost, printed, type SeriesCodes } from '../../domain/coupon/codes.js';
import type { Reply } from '../route.js';

/** `first` says what the number of the first one is. */
export const codesFileQuery = (first: string) => ({
  from: Type.Optional(
    Type.Integer({ minimum: 0, maximum: codesMost, default: 0, description: first }),
  ),
  count: Type.Optional(
    Type.Integer({ minimum: 1, maximum: codesMost, description: 'All from there by default' }),
  ),
});

interface Naming {
  readonly header: string;
  /** Before the place of each. */
  readonly prefix: string;
}

/** `name` is the file's, without its ending. */
export const codesFile = (name: string, ...content: Parameters<typeof csvOf>): Reply<string> => ({
  body: csvOf(...content),
  contentType: 'text/csv; charset=utf-8',
  headers: { 'content-disposition': `attachment; filename="${name}.csv"` },
});

const batch = 2_000;

/** A batch takes about 3 ms. */
export async function* csvOf(
  codes: SeriesCodes,
  from: number,
  count: number,
  { header, prefix }: Naming = { header: 'number,code', prefix: '' },
): AsyncGenerator<string> {
  yield `${header}\r\n`;
  for (let first = from; first < from + count; first += batch) {
    let text = '';
    let number = first;
    for (const code of codes.codes(first, Math.min(batch, from + count - first))) {
      text += `${prefix}${number},${printed(code)}\r\n`;
      number += 1;
    }
    yield text;
    await new Promise(setImmediate);
  }
}
