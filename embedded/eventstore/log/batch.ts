/**
 * A batch: what one commit writes and how each request in it is answered.
 *
 * Deciding happens here, without I/O, against heads that already include the earlier requests of the same batch.
 * Every answer, also a refusal, waits for the commit, since it may rest on what the batch has yet to store.
 */
import type { AppendResult, ProposedEvent, WriteRequest } from './append.js';
import { findRepetition, judge, type StoredId } from './expectedRevision.js';
import { type Head, stateOf } from './heads.js';

/** Where the events with certain ids stand in a stream; the key is the id's 16 bytes as latin1. */
export type IdPlaces = ReadonlyMap<string, readonly StoredId[]>;

const NOWHERE: readonly StoredId[] = [];

export class Batch {
  /** Parallel to `requests`. */
  readonly results: AppendResult[] = [];
  // Parallel to each other: the rows to insert, in order of position from `firstPosition`.
  readonly events: ProposedEvent[] = [];
  readonly streams: string[] = [];
  readonly streamBytes: Buffer[] = [];
  readonly revisions: number[] = [];
  /** What the batch writes to each stream it writes to. */
  private readonly written = new Map<Head, { id: Buffer; stored: StoredId }[]>();

  constructor(
    readonly requests: readonly WriteRequest[],
    readonly firstPosition: number,
    readonly createdMs: number,
  ) {}

  get lastPosition(): number {
    return this.firstPosition + this.events.length - 1;
  }

  /** Adds one event at the end of a stream. */
  write(
    stream: string,
    streamBytes: Buffer,
    head: Head,
    event: ProposedEvent,
    revision = head.revision + 1,
  ): StoredId {
    const stored = { revision, position: this.firstPosition + this.events.length };
    const written = this.written.get(head);
    if (written) written.push({ id: event.id, stored });
    else this.written.set(head, [{ id: event.id, stored }]);
    head.revision = revision;
    this.events.push(event);
    this.streams.push(stream);
    this.streamBytes.push(streamBytes);
    this.revisions.push(revision);
    return stored;
  }

  /**
   * Decides an append and writes it if so decided. `known` are its ids as stored before this batch; `afterWriting` may
   * write what goes with it.
   */
  decideAppend(
    request: WriteRequest,
    head: Head,
    known: IdPlaces | undefined,
    afterWriting: () => void,
  ): AppendResult {
    if (head.isTombstoned) return { kind: 'streamDeleted' };
    const { expected, events } = request;
    const verdict = judge(expected, stateOf(request.stream, head));
    const refused: AppendResult = { kind: 'wrongRevision', expected, current: head.revision };
    if (verdict === 'refuse') return refused;
    if (verdict === 'deleted') return { kind: 'streamDeleted' };
    if (events.length === 0) {
      return verdict === 'repeatedOrRefuse'
        ? refused
        : { kind: 'stored', revision: head.revision, position: undefined };
    }
    if (verdict !== 'write') {
      const repetition = findRepetition(expected, events.length, (i) =>
        this.storedAt(events[i]!.id, head, known),
      );
      if (repetition.kind === 'repeated') return { kind: 'stored', ...repetition.last };
      if (verdict === 'repeatedOrRefuse' || repetition.kind === 'partial') return refused;
    }
    let last: StoredId | undefined;
    for (const event of events) last = this.write(request.stream, request.streamBytes, head, event);
    afterWriting();
    return { kind: 'stored', ...last! };
  }

  private storedAt(id: Buffer, head: Head, known: IdPlaces | undefined): readonly StoredId[] {
    const before = known?.get(id.toString('latin1', 0, 16)) ?? NOWHERE;
    const now = this.written.get(head)?.filter((written) => written.id.equals(id));
    return now ? [...before, ...now.map(({ stored }) => stored)] : before;
  }
}
