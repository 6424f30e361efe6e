/**
 * Reads with an end: a stream or $all, either way, up to a limit. While one page is sent the next is fetched; never
 * more than that, so a slow reader holds two pages and no connection.
 */
import type { GrpcCall } from '../grpc/call.js';
import { type Block, blockLength } from '../log/block.js';
import { PAGE_ROWS_MAX } from '../log/pages.js';
import { streamNotFound } from '../wire/readAnswers.js';
import { type OpenedRead, openRead, type ReadableLog, type ReadBounds } from './opening.js';
import type { ReadPlan } from './plan.js';
import { Selector } from './selector.js';
import type { Send } from './send.js';

/** Serves a read and ends the call. Throws `GrpcFailure` and what reading throws. */
export const serveRead = async (
  call: GrpcCall,
  plan: ReadPlan,
  log: ReadableLog,
  send: Send,
): Promise<void> => {
  const selector = new Selector(plan.selection, plan.limit);
  const opened = await openRead(plan, log, pageRows(plan, selector));
  if (opened === 'notFound') call.write(streamNotFound(plan.stream!));
  else await sendPages({ call, plan, log, send, selector }, opened);
  call.finish();
};

interface Reading {
  readonly call: GrpcCall;
  readonly plan: ReadPlan;
  readonly log: ReadableLog;
  readonly send: Send;
  readonly selector: Selector;
}

/** Of a filtered read nobody knows how many rows the events still wanted take. */
const pageRows = ({ selection }: ReadPlan, { remaining }: Selector): number =>
  selection.filter === undefined ? Math.min(PAGE_ROWS_MAX, remaining) : PAGE_ROWS_MAX;

const sendPages = async (reading: Reading, opened: OpenedRead): Promise<void> => {
  const { call, plan, log, send, selector } = reading;
  const { bounds } = opened;
  const fetch = (from: number): Promise<Block> =>
    log.pages.read({ ...bounds, from, rowsMax: pageRows(plan, selector) });
  let page: Block | undefined = opened.page;
  while (page && blockLength(page) > 0 && !call.ended) {
    const pieces: Buffer[] = [];
    selector.select(page, 0, blockLength(page), pieces);
    const next: number | undefined = selector.remaining > 0 ? nextKey(page, bounds) : undefined;
    const following: Promise<Block> | undefined = next === undefined ? undefined : fetch(next);
    following?.catch(() => {}); // it is awaited below, perhaps only after the client has drained
    if (pieces.length > 0) await send(pieces);
    page = await following;
  }
};

/** Where the page after this one begins; undefined when the key's end is reached. */
const nextKey = (page: Block, bounds: ReadBounds): number | undefined => {
  const keys = bounds.stream === undefined ? page.positions : page.revisions;
  const next = keys.at(-1)! + (bounds.backwards ? -1 : 1);
  if (next < (bounds.stream === undefined ? 1 : 0)) return undefined;
  return bounds.stream === undefined && next > bounds.head ? undefined : next;
};
