/**
 * Catch-up subscriptions: one loop that pulls from a cursor and pushes to the client, in history and live alike.
 *
 * Invariant: every event after the starting point is sent once, in order. The client's pace is the loop's pace: it
 * pulls nothing while the client is behind, so a slow client costs no memory and delays nobody.
 */
import { randomUUID } from 'node:crypto';
import type { GrpcCall } from '../grpc/call.js';
import { blockLength } from '../log/block.js';
import type { EventLog } from '../log/eventLog.js';
import { caughtUp, confirmation, fellBehind } from '../wire/readAnswers.js';
import { AllCursor, type Cursor, StreamCursor } from './cursor.js';
import { streamDeleted } from './failures.js';
import type { ReadPlan } from './plan.js';
import { Selector } from './selector.js';
import type { Send } from './send.js';
import { Signal } from './signal.js';

/** Recent blocks are gathered into one write up to about this many bytes. */
const WRITE_BYTES = 64 * 1024;

/** Serves a subscription until the call ends. Throws `GrpcFailure` and what reading throws. */
export const serveSubscription = async (
  call: GrpcCall,
  plan: ReadPlan,
  log: EventLog,
  send: Send,
): Promise<void> => {
  const cursor = await openCursor(plan, log);
  const selector = new Selector(plan.selection);
  const signal = new Signal();
  const unwatch = cursor.watch(() => signal.raise());
  call.onEnd = () => {
    unwatch();
    signal.raise();
  };
  if (call.ended) return call.onEnd();
  call.write(confirmation(randomUUID()));
  let isLive = false;
  while (!call.ended) {
    signal.lower();
    const pieces: Buffer[] = [];
    gatherRecent(cursor, selector, pieces);
    if (pieces.length === 0 && !cursor.isAtHead()) {
      if (isLive) pieces.push(fellBehind);
      isLive = false;
      const { block, from, to } = await cursor.nextPage();
      selector.select(block, from, to, pieces);
    }
    if (!isLive && cursor.isAtHead() && !cursor.isClosed) {
      isLive = true;
      pieces.push(caughtUp);
    }
    if (pieces.length > 0) await send(pieces);
    if (cursor.isClosed) throw streamDeleted(plan.stream!);
    if (cursor.isAtHead()) await signal.raised();
  }
};

const gatherRecent = (cursor: Cursor, selector: Selector, pieces: Buffer[]): void => {
  let bytes = 0;
  while (bytes < WRITE_BYTES) {
    const range = cursor.nextRecent();
    if (!range) return;
    const before = pieces.length;
    selector.select(range.block, range.from, range.to, pieces);
    for (let i = before; i < pieces.length; i++) bytes += pieces[i]!.length;
  }
};

/** A subscription begins after the position or revision it names. */
const openCursor = async (plan: ReadPlan, log: EventLog): Promise<Cursor> => {
  const { stream, from } = plan;
  if (stream === undefined) {
    const next = from === 'start' ? 1 : (from === 'end' ? log.recent.head : from) + 1;
    return new AllCursor(log, next, plan.selection.filter !== undefined);
  }
  const head = await log.head(stream);
  if (head.isTombstoned) throw streamDeleted(stream);
  const next =
    from === 'start' ? 0 : from === 'end' ? (await lastRevision(stream, log)) + 1 : from + 1;
  return new StreamCursor(log, stream, next);
};

/** Revision of the last published event of a stream, -1 for none. */
const lastRevision = async (stream: string, log: EventLog): Promise<number> => {
  const block = await log.pages.read({
    stream,
    from: Number.MAX_SAFE_INTEGER,
    backwards: true,
    rowsMax: 1,
    head: log.recent.head,
    named: false,
  });
  return blockLength(block) === 0 ? -1 : block.revisions[0]!;
};
