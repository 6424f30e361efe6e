/**
 * Reads with an end: a stream or $all, either way, up to a limit. While one page is sent the next is fetched; never
 * more than that, so a slow reader holds two pages and no connection.
 */
import type { GrpcCall } from '../grpc/call.js';
import { type Block, blockLength } from '../log/block.js';
import type { EventLog } from '../log/eventLog.js';
import type { PageRequest } from '../log/pages.js';
import { streamNotFound } from '../wire/readAnswers.js';
import { streamDeleted } from './failures.js';
import type { ReadPlan } from './plan.js';
import { Selector } from './selector.js';
import type { Send } from './send.js';

const PAGE_ROWS_FIRST = 256;
const PAGE_ROWS_MAX = 2048;

/** Serves a read and ends the call. Throws `GrpcFailure` and what reading throws. */
export const serveRead = async (
  call: GrpcCall,
  plan: ReadPlan,
  log: EventLog,
  send: Send,
): Promise<void> => {
  const first =
    plan.stream === undefined ? firstOfAll(plan, log) : await firstOfStream(plan, plan.stream, log);
  if (first === 'notFound') call.write(streamNotFound(plan.stream!));
  else await sendPages(call, plan, log, send, first);
  call.finish();
};

type FirstPage = Omit<PageRequest, 'rowsMax'>;

const firstOfAll = (plan: ReadPlan, log: EventLog): FirstPage => {
  const { head } = log.recent;
  const end = plan.backwards ? head : head + 1;
  const start = plan.backwards ? 0 : 1;
  // A position stands before its event: forwards that event comes first, backwards it is not among those given.
  const at = (position: number): number => (plan.backwards ? position - 1 : position);
  const from = plan.from === 'start' ? start : plan.from === 'end' ? end : at(plan.from);
  return { from, backwards: plan.backwards, head, named: plan.selection.filter !== undefined };
};

const firstOfStream = async (
  plan: ReadPlan,
  stream: string,
  log: EventLog,
): Promise<FirstPage | 'notFound'> => {
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

const sendPages = async (
  call: GrpcCall,
  plan: ReadPlan,
  log: EventLog,
  send: Send,
  first: FirstPage,
): Promise<void> => {
  const selector = new Selector(plan.selection, plan.limit);
  const isFiltered = plan.selection.filter !== undefined;
  let rows = PAGE_ROWS_FIRST;
  const fetch = (from: number): Promise<Block> => {
    const rowsMax = isFiltered ? rows : Math.min(rows, selector.remaining);
    rows = Math.min(rows * 2, PAGE_ROWS_MAX);
    return log.pages.read({ ...first, from, rowsMax });
  };
  let page = selector.remaining > 0 ? await fetch(first.from) : undefined;
  while (page && blockLength(page) > 0 && !call.ended) {
    const pieces: Buffer[] = [];
    selector.select(page, 0, blockLength(page), pieces);
    const next = selector.remaining > 0 ? nextKey(page, first) : undefined;
    const following = next === undefined ? undefined : fetch(next);
    following?.catch(() => {}); // it is awaited below, perhaps only after the client has drained
    if (pieces.length > 0) await send(pieces);
    page = await following;
  }
};

/** Where the page after this one begins; undefined when the key's end is reached. */
const nextKey = (page: Block, first: FirstPage): number | undefined => {
  const keys = first.stream === undefined ? page.positions : page.revisions;
  const next = keys.at(-1)! + (first.backwards ? -1 : 1);
  if (next < (first.stream === undefined ? 1 : 0)) return undefined;
  return first.stream === undefined && next > first.head ? undefined : next;
};
