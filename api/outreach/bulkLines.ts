/**
 * A file of requests, one a line, taken batch by batch while it arrives. Each line is a request of its own under its own key, or one made of
 * the upload's key and its number: sent again, whole or from any line on, nothing becomes two messages.
 */
import type { AcceptContext, AcceptItem, AcceptMessages } from '../../commands/message/accept.js';
import type { AcceptResult } from '../../commands/message/accept.js';
import { InvalidInput } from '../../commands/validation.js';
import { parseJson } from '../body.js';
import { carryOutLines, type UploadStart } from '../bulk/batches.js';
import type { Telling } from '../bulk/telling.js';
import { Refused } from '../refused.js';
import type { Upload } from '../upload.js';
import { splitItem } from './messages.js';
import { resultShown } from './results.js';

export const bulkLinesMax = 100_000;
export const bulkBytesMax = 67_108_864;
export const bulkLineMax = 131_072;
const batchLinesMax = 500;
/** Characters: bounds what is held in memory of a batch. */
const batchCharactersMax = 2_000_000;
const jsonDepthMax = 32;

export interface BulkParts {
  readonly accept: AcceptMessages;
  readonly onAccepted: (
    source: 'bulk',
    results: readonly AcceptResult[],
    milliseconds: number,
  ) => void;
  /** How long an upload is read: the server would hang up on one that takes longer. */
  readonly uploadMs: number;
}

export interface Bulk extends UploadStart {
  readonly key: string;
  readonly context: AcceptContext;
  readonly now: () => number;
}

type Line = { readonly line: number } & (
  { readonly item: AcceptItem } | { readonly result: AcceptResult }
);

const lineOf = (text: string, line: number, key: string): Line => {
  try {
    return { line, item: splitItem(parseJson(text, { jsonDepthMax }), `${key}#${line}`) };
  } catch (error) {
    if (error instanceof InvalidInput) return { line, result: { kind: 'refused', error } };
    if (!(error instanceof Refused)) throw error;
    const told = new InvalidInput([{ pointer: '', reason: error.advice }]);
    return { line, result: { kind: 'refused', error: told } };
  }
};

/** @param signal aborts where nobody listens any more, or the process is to stop. */
export const acceptLines = async (
  { accept, onAccepted, uploadMs }: BulkParts,
  { key, context, now, ...start }: Bulk,
  upload: Upload,
  telling: Telling,
  signal: AbortSignal,
): Promise<void> => {
  const counts = { accepted: 0, refused: 0 };
  let batch: Line[] = [];

  const carryOut = async (): Promise<void> => {
    const began = performance.now();
    const items = batch.flatMap((one) => ('item' in one ? [one.item] : []));
    const results = [...(await accept(items, { ...context, now: now() }))];
    onAccepted('bulk', results, performance.now() - began);
    const away = results.find(({ kind }) => kind === 'unavailable');
    if (away?.kind === 'unavailable') throw away.error;
    for (const one of batch) {
      const result = 'item' in one ? (results.shift() as AcceptResult) : one.result;
      counts[result.kind === 'accepted' ? 'accepted' : 'refused'] += 1;
      telling.tell({ line: one.line, ...resultShown(result) });
    }
    batch = [];
  };

  const batches = {
    ...start,
    uploadMs,
    linesMax: bulkLinesMax,
    batchLinesMax,
    batchCharactersMax,
    counts,
    carryOut,
    take: (text: string, line: number) => void batch.push(lineOf(text, line, key)),
  };
  await carryOutLines(batches, upload, telling, signal);
};
