/**
 * Questions to the store of documents. After a start, and while a read model is filled anew, it cannot answer yet: whoever searches waits
 * for it as for a position, and is told how far it is where that takes longer. Who has something else to show asks without waiting.
 */
import type { Db } from 'mongodb';
import type { Position } from '../../domain/fact.js';
import { DocumentsNotReady } from '../../projections/documents/reading.js';
import { pause } from '../../projections/pause.js';

/** Null: nothing was ever published, delivered or sent. @throws DocumentsNotReady, and what the question throws. */
export type AskDocuments = <Answer>(
  question: (db: Db) => Promise<Answer>,
) => Promise<Answer | null>;

export interface AskingParts {
  /** Null: nothing is there. @throws DocumentsNotReady */
  readonly db: () => Promise<Db | null>;
  /** Of the log. */
  readonly head: () => Promise<Position | null>;
  readonly stopping: AbortSignal;
  /** How long whoever asks waits, milliseconds. */
  readonly patienceMs: number;
}

export const createAskAtOnce =
  ({ db }: Pick<AskingParts, 'db'>): AskDocuments =>
  async (question) => {
    const found = await db();
    return found && question(found);
  };

const look = { firstMs: 20, mostMs: 250 } as const;
/** What is told to whoever is to come again, seconds. */
const againMost = 60;

interface Seen {
  readonly position: Position;
  /** Milliseconds of a monotonic clock. */
  readonly at: number;
}

/** How much of the log is in it, and in how many seconds the rest will be, by how fast it came on while somebody waited. */
const outlookOf = (first: Seen, last: Seen, head: Position) => {
  const percent = head === 0n ? 0 : Math.min(99, Number((100n * last.position) / head));
  const milliseconds = last.at - first.at;
  const came = Number(last.position - first.position);
  const seconds = ((Number(head - last.position) / came) * milliseconds) / 1_000;
  const retryAfterSeconds = Math.min(againMost, Math.max(1, Math.ceil(seconds)));
  return { percent, retryAfterSeconds: came > 0 ? retryAfterSeconds : 1 };
};

export const createAskDocuments = (parts: AskingParts): AskDocuments => {
  const { head, stopping, patienceMs } = parts;
  const atOnce = createAskAtOnce(parts);

  const told = async (error: DocumentsNotReady, first: Seen | null): Promise<DocumentsNotReady> => {
    const { projection, position } = error;
    if (position === null || first === null) return error;
    const end = await head().catch(() => null);
    if (end === null) return error;
    const last = { position, at: performance.now() };
    return new DocumentsNotReady(projection, position, outlookOf(first, last, end));
  };

  return async (question) => {
    const until = performance.now() + patienceMs;
    let first: Seen | null = null;
    for (let waitMs: number = look.firstMs; ; waitMs = Math.min(waitMs * 1.5, look.mostMs)) {
      try {
        return await atOnce(question);
      } catch (error) {
        if (!(error instanceof DocumentsNotReady)) throw error;
        const { position } = error;
        if (position !== null) first ??= { position, at: performance.now() };
        const left = until - performance.now();
        if (left <= 0 || stopping.aborted) throw await told(error, first);
        await pause(Math.min(waitMs, left), stopping);
      }
    }
  };
};
