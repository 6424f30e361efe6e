/**
 * The report of an import: one JSON object a line for every line of the file that was not imported, with its number and the reason.
 * Written beside its place and moved there when it is complete, so a report that can be read is a whole one.
 */
import { createWriteStream, mkdirSync, renameSync } from 'node:fs';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { formatMicros } from './decimal.js';
import type { RejectClass } from './sourceLine.js';

export interface Reject {
  readonly line: number;
  readonly invoice: string;
  readonly class: RejectClass;
  readonly amountMicros: number;
  readonly reason: string;
}

export interface RejectReport {
  readonly path: string;
  write(reject: Reject): Promise<void>;
  /** Moves it to its place; left unfinished, it stays `.part`. */
  finish(): Promise<void>;
  abandon(): void;
}

export const openRejectReport = (path: string): RejectReport => {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.part`;
  const stream = createWriteStream(draft);
  let failure: Error | null = null;
  stream.on('error', (error) => (failure = error));
  return {
    path,
    write: async ({ line, invoice, class: kind, amountMicros, reason }) => {
      if (failure) throw failure;
      const amount = formatMicros(amountMicros).replaceAll(',', '');
      const text = JSON.stringify({ line, invoice, class: kind, amount, reason });
      if (!stream.write(`${text}\n`)) await once(stream, 'drain');
    },
    finish: async () => {
      stream.end();
      await once(stream, 'close');
      if (failure) throw failure;
      renameSync(draft, path);
    },
    abandon: () => stream.destroy(),
  };
};
