/**
 * Where a read begins and ends, and its first page.
 *
 * Invariant: what the first page shows of a stream is what its metadata left visible at one moment. Between the look at
 * the stream's end and the page, others may append, and a scavenge that saw what they appended may remove what that
 * hid: then the page lacks its beginning, and is read again from where the stream ends now. Pages after the first
 * cannot be taken back; they show what may be read when the read comes to them.
 */
import { type Block, blockLength } from '../log/block.js';
import type { EventLog } from '../log/eventLog.js';
import { PAGE_BYTES_MAX, type PageRequest } from '../log/pages.js';
import { pause } from '../log/pause.js';
import { firstVisibleRevision } from '../log/streamMetadata.js';
import { streamDeleted } from './failures.js';
import type { ReadPlan } from './plan.js';

/** What a read needs of the log. */
export type ReadableLog = Pick<EventLog, 'head' | 'firstVisible'> & {
  readonly pages: Pick<EventLog['pages'], 'read'>;
  readonly recent: Pick<EventLog['recent'], 'head'>;
};

export type ReadBounds = Omit<PageRequest, 'rowsMax'>;

export interface OpenedRead {
  readonly bounds: ReadBounds;
  readonly page: Block;
}

/** Of a stream that is written and scavenged without pause hardly one page in a hundred has to be read twice. */
const TRIES_MAX = 12;
const PAUSE_MS_MAX = 50;

/** @throws GrpcFailure of a tombstoned stream */
export const openRead = async (
  plan: ReadPlan,
  log: ReadableLog,
  rowsMax: number,
): Promise<OpenedRead | 'notFound'> => {
  for (let attempt = 1; ; attempt++) {
    const bounds =
      plan.stream === undefined
        ? boundsOfAll(plan, log)
        : await boundsOfStream(plan, plan.stream, log);
    if (bounds === 'notFound') return bounds;
    const page = await log.pages.read({ ...bounds, rowsMax });
    if (attempt === TRIES_MAX || !(await isOvertaken(bounds, page, rowsMax, log))) {
      return { bounds, page };
    }
    // What was appended is published a moment after it can be scavenged.
    await pause(Math.min(2 ** attempt, PAUSE_MS_MAX));
  }
};

const boundsOfAll = (plan: ReadPlan, log: ReadableLog): ReadBounds => {
  const { head } = log.recent;
  const end = plan.backwards ? head : head + 1;
  const start = plan.backwards ? 0 : 1;
  // A position stands before its event: forwards that event comes first, backwards it is not among those given.
  const at = (position: number): number => (plan.backwards ? position - 1 : position);
  const from = plan.from === 'start' ? start : plan.from === 'end' ? end : at(plan.from);
  return { from, backwards: plan.backwards, head, named: plan.selection.filter !== undefined };
};

const boundsOfStream = async (
  plan: ReadPlan,
  stream: string,
  log: ReadableLog,
): Promise<ReadBounds | 'notFound'> => {
  const { head } = log.recent;
  const last = await log.head(stream);
  const { revision, metadata, isTombstoned } = last;
  if (isTombstoned) throw streamDeleted(stream);
  if (revision < 0 || metadata?.isDeleted) return 'notFound';
  const end = Number.MAX_SAFE_INTEGER;
  const from = plan.from === 'start' ? 0 : plan.from === 'end' ? end : plan.from;
  return {
    stream,
    from,
    backwards: plan.backwards,
    head,
    named: false,
    ...(metadata ? { fromRevision: await log.firstVisible(stream, last, head) } : {}),
    ...(metadata?.maxAgeS === undefined
      ? {}
      : { fromCreatedMs: Date.now() - metadata.maxAgeS * 1000 }),
  };
};

/** Whether a page lacks events that were visible within its bounds and that a newer end of the stream has hidden. */
const isOvertaken = async (
  bounds: ReadBounds,
  page: Block,
  rowsMax: number,
  log: ReadableLog,
): Promise<boolean> => {
  const { stream, from, backwards, fromRevision = 0 } = bounds;
  if (stream === undefined || rowsMax === 0) return false;
  if (backwards && !hasEnded(page, rowsMax)) return false;
  const wanted = backwards ? fromRevision : Math.max(from, fromRevision);
  const oldest = page.revisions.at(backwards ? -1 : 0);
  if (oldest === wanted || (backwards && from < fromRevision)) return false;
  const { revision, metadata, isTombstoned } = await log.head(stream);
  if (isTombstoned) return true;
  const visible = firstVisibleRevision(revision, metadata);
  // A gap that goes on beyond what is hidden now has another reason: age, or metadata that hid more before.
  return visible > wanted && (oldest === undefined || oldest <= visible);
};

const hasEnded = (page: Block, rowsMax: number): boolean =>
  blockLength(page) < rowsMax && page.bytes.length < PAGE_BYTES_MAX;
