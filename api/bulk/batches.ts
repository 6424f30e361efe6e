/**
 * A file of lines, carried out batch by batch while it arrives. What came of the lines of a batch is told when it is done, then `resumeAt`;
 * at the end, or where it broke off, how many lines there were and, if any are left, where to go on. Empty lines have numbers, and are
 * passed over.
 */
import { LogUnavailable } from '../../commands/log.js';
import { PublishedTooFast } from '../../commands/publication/rates.js';
import { Rejected } from '../../domain/rejected.js';
import { Refused, refused } from '../refused.js';
import type { Upload } from '../upload.js';
import type { Telling } from './telling.js';

export interface UploadStart {
  /** The number of the first line: more than 1 where an upload is gone on with. */
  readonly from: number;
  /** Whether the caller may go on; asked before each batch. @throws Refused */
  readonly admit: () => void;
}

export interface Batches extends UploadStart {
  /** How long an upload is read: the server would hang up on one that takes longer. */
  readonly uploadMs: number;
  /** Of an upload; what follows is for another. */
  readonly linesMax: number;
  /** Of a batch, which is full with the line that reaches either. */
  readonly batchLinesMax: number;
  readonly batchCharactersMax: number;
  /** What came of lines, by name; told at the end as it is then. */
  readonly counts: Readonly<Record<string, number>>;
  readonly take: (text: string, line: number) => void;
  /** Carries out what was taken since the last batch, and tells it. @param first the number of its first line */
  readonly carryOut: (first: number) => Promise<void>;
}

/** @param signal aborts where nobody listens any more, or the process is to stop. */
export const carryOutLines = async (
  batches: Batches,
  upload: Upload,
  { tell, room }: Telling,
  signal: AbortSignal,
): Promise<void> => {
  const { from, linesMax, batchLinesMax, batchCharactersMax, counts } = batches;
  const until = performance.now() + batches.uploadMs;
  let lines = 0;
  let line = from - 1;
  /** Of the batch that is being filled. */
  let first = from;
  let characters = 0;
  const isCut = (): boolean => line - from + 1 >= linesMax;

  const flush = async (): Promise<void> => {
    signal.throwIfAborted();
    batches.admit();
    await batches.carryOut(first);
    first = line + 1;
    characters = 0;
    tell({ resumeAt: first });
    await room();
  };

  const readAll = async (): Promise<void> => {
    for await (const texts of upload.lines()) {
      for (const text of texts) {
        if (isCut()) return;
        line += 1;
        characters += text.length;
        if (text.trim() !== '') {
          lines += 1;
          batches.take(text.replace(/^\uFEFF/, ''), line);
        }
        if (line - first + 1 < batchLinesMax && characters < batchCharactersMax) continue;
        await flush();
        if (performance.now() > until) throw tookTooLong();
      }
    }
    if (line >= first) await flush();
  };

  try {
    await readAll();
    tell({ done: true, lines, ...counts, ...(isCut() ? { resumeAt: first } : {}) });
  } catch (error) {
    const said = codeOf(error, signal);
    if (said === null) throw error;
    tell({ done: false, lines, ...counts, resumeAt: first, ...said });
  }
};

const tookTooLong = () =>
  refused('request-timeout', 'Go on at resumeAt under the same key: what was told is done.');

const codeOf = (
  error: unknown,
  signal: AbortSignal,
): { readonly code: string; readonly reason: string } | null => {
  if (signal.aborted) return { code: 'stopping', reason: 'Go on at resumeAt under the same key.' };
  if (error instanceof Rejected || error instanceof Refused) {
    return { code: error.code, reason: error.message };
  }
  if (error instanceof PublishedTooFast) return { code: 'rate-limited', reason: error.message };
  if (error instanceof LogUnavailable) return { code: 'log-unavailable', reason: error.next };
  return null;
};
