/**
 * Codes of a series into a file, a page at a time. Invariant: FILE.part always ends in the middle of at most one line, so what was
 * written before an interruption is counted by its last whole line, and FILE appears only when it is complete.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { exitCodes, Failure } from '../failure.js';
import type { Session } from '../http/session.js';

/** What is numbered in series. */
export interface Numbered {
  /** In words, many. */
  readonly name: string;
  readonly series: string;
  readonly issuing: string;
  readonly csv: string;
  readonly head: string;
  /** Before the number of each. */
  readonly prefix: (seriesId: string) => string;
}

export const couponCodes: Numbered = {
  name: 'codes',
  series: '/admin/v1/coupon-series',
  issuing: 'codes',
  csv: 'codes.csv',
  head: 'number,code\r\n',
  prefix: () => '',
};

export const giftCardNumbers: Numbered = {
  name: 'gift cards',
  series: '/admin/v1/gift-card-series',
  issuing: 'cards',
  csv: 'numbers.csv',
  head: 'card,number\r\n',
  prefix: (seriesId) => `${seriesId}:`,
};

export interface ExportOrder {
  /** Codes of coupons where it is left out. */
  readonly of?: Numbered;
  readonly seriesId: string;
  readonly file: string;
  /** Number of the first code. */
  readonly from: number;
  /** All that are issued where it is left out. */
  readonly count?: number;
  /** Issues what is not issued yet. */
  readonly issue: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, all: number) => void;
}

const pageCodes = 50_000;
const patienceMs = 60_000;

/** How many codes the file holds. @throws Failure; whatever the signal was aborted with */
export const exportCodes = async (
  session: Pick<Session, 'get' | 'send'>,
  order: ExportOrder,
): Promise<number> => {
  const { file, from, signal, onProgress, seriesId, of = couponCodes } = order;
  const { head } = of;
  if (existsSync(file)) {
    throw new Failure(`${file} is there already.`, {
      exitCode: exitCodes.usage,
      advice: 'Choose another file, or move it away.',
    });
  }
  const part = `${file}.part`;
  const all = await available(session, order);
  let done = resume(part, from, head, of.prefix(seriesId));
  if (done > all) throw foreign(part);
  onProgress(done, all);
  const path = `${of.series}/${seriesId}/${of.csv}`;
  while (done < all) {
    signal.throwIfAborted();
    const size = Math.min(pageCodes, all - done);
    const query = { from: from + done, count: size };
    const csv = await session.get<string>(path, query, patienceMs);
    if (!csv.startsWith(head) || !csv.endsWith('\r\n')) {
      throw new Failure('The answer broke off.', {
        exitCode: exitCodes.failed,
        advice: 'Give the same command again: it goes on where it stopped.',
      });
    }
    appendFileSync(part, csv.slice(head.length));
    done += size;
    onProgress(done, all);
  }
  renameSync(part, file);
  return done;
};

/** Codes from `from` on that hold and are wanted; issues them where it is asked to. */
const available = async (
  session: Pick<Session, 'get' | 'send'>,
  { seriesId, from, count, issue, of = couponCodes }: ExportOrder,
): Promise<number> => {
  const path = `${of.series}/${encodeURIComponent(seriesId)}`;
  const { issued } = await session.get<{ issued: number }>(path);
  const wanted = count ?? Math.max(0, issued - from);
  const missing = from + wanted - issued;
  if (missing <= 0) return wanted;
  if (!issue) {
    throw new Failure(
      `Only ${issued} ${of.name} of ${seriesId} are issued: ${missing} are missing.`,
      {
        exitCode: exitCodes.refused,
        advice: 'Add --issue to issue them.',
      },
    );
  }
  await session.send({
    method: 'POST',
    path: `${path}/${of.issuing}`,
    body: { count: missing },
    // Whoever repeats this after a lost answer issues nothing twice.
    idempotencyKey: `export ${seriesId} ${issued} ${missing}`.replaceAll(' ', '/'),
  });
  return wanted;
};

const tailBytes = 200;

/** Codes that a file of before holds; begins the file where there is none. */
const resume = (part: string, from: number, head: string, prefix: string): number => {
  if (!existsSync(part) || statSync(part).size < head.length) {
    closeSync(openSync(part, 'w', 0o600));
    appendFileSync(part, head);
    return 0;
  }
  const { size } = statSync(part);
  const first = textAt(part, 0, tailBytes);
  const tailFrom = Math.max(0, size - tailBytes);
  const tail = textAt(part, tailFrom, tailBytes);
  const end = tail.lastIndexOf('\r\n');
  if (!first.startsWith(head) || end < 0) throw foreign(part);
  truncateSync(part, tailFrom + end + 2);
  const lines = tail.slice(0, end).split('\r\n');
  const last = lines.at(-1) ?? '';
  if (tailFrom + end + 2 === head.length) return 0;
  const begun = first.slice(head.length).startsWith(`${prefix}${from},`);
  const number = /^(?:[a-z0-9_]+:)?(\d+),[0-9A-Z-]+$/.exec(last)?.[1];
  if (!begun || number === undefined) throw foreign(part);
  return Number(number) - from + 1;
};

const textAt = (file: string, from: number, bytes: number): string => {
  const handle = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.toString('latin1', 0, readSync(handle, buffer, 0, bytes, from));
  } finally {
    closeSync(handle);
  }
};

const foreign = (part: string): Failure =>
  new Failure(`${part} is not what this command would go on with.`, {
    exitCode: exitCodes.usage,
    advice: 'Remove it, or choose another --out.',
  });
