/**
 * A file of requests, one a line, taken batch by batch while it arrives. Each line is a request of its own under its own key, or one made of
 * the upload's key and its number: sent again, whole or from any line on, nothing becomes two messages.
 */
import { LogUnavailable } from '../../commands/log.js';
import type { AcceptContext, AcceptItem, AcceptMessages } from '../../commands/message/accept.js';
import type { AcceptResult } from '../../commands/message/accept.js';
import { InvalidInput } from '../../commands/validation.js';
import { Rejected } from '../../domain/rejected.js';
import { parseJson } from '../body.js';
import type { Telling } from '../exchange/bulkLines.js';
import { Refused, refused } from '../refused.js';
import type { Upload } from '../upload.js';
import { splitItem } from './messages.js';
import { resultShown } from './results.js';

export const bulkLinesMax = 100_000;
export const bulkBytesMax = 67_108_864;
export const bulkLineMax = 131_072;
const batchMax = 500;
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

export interface Bulk {
  readonly key: string;
  readonly context: AcceptContext;
  readonly now: () => number;
  /** The number of the first line: more than 1 where an upload is gone on with. */
  readonly from: number;
  /** Whether the caller may go on; asked before each batch. @throws Refused */
  readonly admit: () => void;
}

type Line = { readonly line: number } & (
  { readonly item: AcceptItem } | { readonly result: AcceptResult }
);

const lineOf = (text: string, line: number, key: string): Line => {
  try {
    return { line, item: splitItem(parseJson(text, { jsonDepthMax }), `${key}#${line}`) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const told = new InvalidInput([{ pointer: '', reason: error.advice }]);
    return { line, result: { kind: 'refused', error: told } };
  }
};

/** @param signal aborts where nobody listens any more, or the process is to stop. */
export const acceptLines = async (
  { accept, onAccepted, uploadMs }: BulkParts,
  { key, context, now, from, admit }: Bulk,
  upload: Upload,
  { tell, room }: Telling,
  signal: AbortSignal,
): Promise<void> => {
  const until = performance.now() + uploadMs;
  const counts = { lines: 0, accepted: 0, refused: 0 };
  let line = from - 1;
  let first = from;
  let characters = 0;
  let batch: Line[] = [];

  const flush = async (): Promise<void> => {
    signal.throwIfAborted();
    admit();
    const began = performance.now();
    const items = batch.flatMap((one) => ('item' in one ? [one.item] : []));
    const results = [...(await accept(items, { ...context, now: now() }))];
    onAccepted('bulk', results, performance.now() - began);
    const away = results.find(({ kind }) => kind === 'unavailable');
    if (away?.kind === 'unavailable') throw away.error;
    for (const one of batch) {
      const result = 'item' in one ? (results.shift() as AcceptResult) : one.result;
      counts[result.kind === 'accepted' ? 'accepted' : 'refused'] += 1;
      tell({ line: one.line, ...resultShown(result) });
    }
    first = line + 1;
    characters = 0;
    batch = [];
    tell({ resumeAt: first });
    await room();
  };

  const readAll = async (): Promise<void> => {
    for await (const texts of upload.lines()) {
      for (const text of texts) {
        if (line - from + 1 >= bulkLinesMax) return;
        line += 1;
        counts.lines += 1;
        if (text.trim() !== '') batch.push(lineOf(text.replace(/^\uFEFF/, ''), line, key));
        characters += text.length;
        if (batch.length < batchMax && characters < batchCharactersMax) continue;
        await flush();
        if (performance.now() > until) throw tookTooLong();
      }
    }
    if (line >= first) await flush();
  };

  try {
    await readAll();
    const isCut = line - from + 1 >= bulkLinesMax;
    tell({ done: true, ...counts, ...(isCut ? { resumeAt: first } : {}) });
  } catch (error) {
    const said = codeOf(error, signal);
    if (said === null) throw error;
    tell({ done: false, ...counts, resumeAt: first, ...said });
  }
};

const tookTooLong = () =>
  refused('request-timeout', 'Go on at resumeAt under the same key: what was told is accepted.');

const codeOf = (
  error: unknown,
  signal: AbortSignal,
): { readonly code: string; readonly reason: string } | null => {
  if (signal.aborted) return { code: 'stopping', reason: 'Go on at resumeAt under the same key.' };
  if (error instanceof Rejected) return { code: error.code, reason: error.message };
  if (error instanceof Refused) return { code: error.code, reason: error.advice };
  if (error instanceof LogUnavailable) return { code: 'log-unavailable', reason: error.next };
  return null;
};
