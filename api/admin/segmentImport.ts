/** A file of customers' numbers onto a list: line by line into changes of 1,000, with the number of each line that was left out. */
import { rejected as rejection } from '../../domain/rejected.js';
import { changesMax } from '../../domain/segment/segment.js';
import type { Upload } from '../upload.js';
import {
  changeList,
  type Entry,
  type ListChanges,
  type ListOf,
  type Reject,
} from './segmentList.js';

export interface Imported extends Omit<ListChanges, 'rejected'> {
  /** Without empty ones and a header. */
  readonly lines: number;
  readonly rejectedLines: number;
  /** The first 1,000. */
  readonly rejected: Reject[];
}

const rejectsShown = 1_000;

/** The number on a line: null for a header or an empty line, '' where there is none to be read. */
export const userIdOn = (line: string, ndjson: boolean, isFirst: boolean): string | null => {
  const text = line.replace(/^\uFEFF/, '').trim();
  if (text === '') return null;
  if (ndjson) {
    try {
      const value = JSON.parse(text) as unknown;
      const userId = typeof value === 'string' ? value : (value as { userId?: unknown })?.userId;
      return typeof userId === 'string' ? userId : '';
    } catch {
      return '';
    }
  }
  const first = (text.split(/[,;\t]/)[0] ?? '').trim().replace(/^"(.*)"$/, '$1');
  return isFirst && !/^\d+$/.test(first) ? null : first;
};

/** @throws Rejected as `changeList` does; what was put on the list before stays there. */
export const importList = async (list: ListOf, upload: Upload): Promise<Imported> => {
  const { handler, segmentId, context } = list;
  const record = handler.directory.segments.get(context.tenant, segmentId);
  if (!record) throw rejection('segment-not-found', { segmentId });
  const ndjson = upload.contentType === 'application/x-ndjson';
  const sums = { lines: 0, added: 0, removed: 0, already: 0, rejectedLines: 0 };
  const rejected: Reject[] = [];
  let { members } = record;
  let position: bigint | null = null;
  let waiting: Entry[] = [];
  let line = 0;

  const leaveOut = (reject: Reject): void => {
    sums.rejectedLines += 1;
    if (rejected.length < rejectsShown) rejected.push(reject);
  };
  const send = async (): Promise<void> => {
    const key = `${context.idempotencyKey} ${line}`;
    const part = { ...list, context: { ...context, idempotencyKey: key } };
    const done = await changeList(part, waiting, []);
    waiting = [];
    sums.added += done.added;
    sums.already += done.already;
    done.rejected.forEach(leaveOut);
    members = done.members;
    position = done.position ?? position;
  };

  for await (const lines of upload.lines()) {
    for (const text of lines) {
      line += 1;
      const userId = userIdOn(text, ndjson, line === 1);
      if (userId === null) continue;
      sums.lines += 1;
      if (userId === '') leaveOut({ line, userId: text.slice(0, 100), reason: 'broken-line' });
      else waiting.push({ line, userId: userId.slice(0, 100) });
      if (waiting.length === changesMax) await send();
    }
  }
  // Also where nothing is left: a segment that cannot be changed by hand says so.
  await send();
  return { ...sums, rejected, members, position };
};
