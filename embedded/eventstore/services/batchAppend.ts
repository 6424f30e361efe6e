/**
 * Streams/BatchAppend: one long call per client that carries all its appends, told apart by correlation ids and
 * answered in the order they become durable.
 *
 * Answers of one turn of the event loop leave in one write. A client that does not take its answers, or fills the
 * writer's queue, is not read from until that has changed. There is no answer for an append that says "unavailable":
 * the call itself ends so, after what was taken in before has been answered.
 */
import type { GrpcCall } from '../grpc/call.js';
import { frame } from '../grpc/frames.js';
import { GrpcCode, GrpcFailure } from '../grpc/status.js';
import {
  APPEND_BYTES_MAX,
  type AppendResult,
  chargedBytes,
  type ExpectedRevision,
  type ProposedEvent,
  type WriteRequest,
} from '../log/append.js';
import type { Writes } from '../log/eventLog.js';
import {
  badRequest,
  batchRefusal,
  type Refusal,
  refusalOf,
  tooLarge,
  writeBatchStored,
} from '../wire/appendAnswers.js';
import {
  type AppendOptions,
  type BatchAppendChunk,
  decodeBatchAppend,
} from '../wire/appendRequests.js';
import { ByteBuffer } from '../wire/bytes.js';

const DEFAULT_DEADLINE_MS = 30_000;
/** Appends of one call that may be under way in chunks at a time. */
const UNFINISHED_MAX = 256;
const ANSWER_BUFFER_BYTES = 16 * 1024;

export const serveBatchAppend = (call: GrpcCall, log: Writes): void => {
  const appends = new BatchAppends(call, log);
  call.onMessage = (message) => appends.receive(message);
  call.onHalfClose = () => appends.finishWhenAnswered();
};

class BatchAppends {
  private readonly unfinished = new Map<string, Append>();
  private readonly out = new ByteBuffer(ANSWER_BUFFER_BYTES);
  private isFlushing = false;
  private isHalfClosed = false;
  private unanswered = 0;
  /** Why the call is about to end. */
  private failure: GrpcFailure | undefined;

  constructor(
    private readonly call: GrpcCall,
    private readonly log: Writes,
  ) {}

  receive(message: Buffer): void {
    if (this.failure) return; // whoever sent it learns from the end of the call
    const chunk = decodeBatchAppend(message);
    if (chunk.isFinal && chunk.options && this.unfinished.size === 0)
      return this.begin(chunk, chunk.options).submit();
    const key = chunk.correlation.toString('latin1', 0);
    const append = this.unfinished.get(key) ?? this.open(key, chunk);
    if (!append) return;
    append.add(chunk);
    if (!chunk.isFinal) return;
    this.unfinished.delete(key);
    append.submit();
  }

  /** The first chunk of an append that comes in several, or that has something wrong with it. */
  private open(key: string, chunk: BatchAppendChunk): Append | undefined {
    if (this.unfinished.size >= UNFINISHED_MAX) {
      this.call.fail(
        new GrpcFailure(
          GrpcCode.resourceExhausted,
          `more than ${UNFINISHED_MAX} appends in chunks at once`,
        ),
      );
      return undefined;
    }
    const append = new Append(this, chunk.correlation, chunk.options ?? NO_OPTIONS);
    if (!chunk.options) append.refuse(badRequest(chunk.fault ?? 'the append has no options'));
    this.unfinished.set(key, append);
    return append;
  }

  private begin(chunk: BatchAppendChunk, options: AppendOptions): Append {
    const append = new Append(this, chunk.correlation, options);
    append.add(chunk);
    return append;
  }

  submit(append: Append): void {
    this.unanswered++;
    this.log.submit(append);
    if (!this.log.isFull) return;
    this.call.pause();
    this.log.whenRoom(() => this.call.resume());
  }

  answer(append: Append, result: AppendResult): void {
    this.unanswered--;
    if (result.kind === 'unavailable')
      this.failure ??= new GrpcFailure(GrpcCode.unavailable, result.reason);
    else if (result.kind === 'stored') writeBatchStored(this.out, append.correlation, result);
    else
      this.write(
        frame(batchRefusal(append.correlation, append.stream, refusalOf(result, append.stream))),
      );
    this.flushSoon();
  }

  refuse(append: Append, refusal: Refusal): void {
    this.write(frame(batchRefusal(append.correlation, append.stream, refusal)));
    this.flushSoon();
  }

  finishWhenAnswered(): void {
    this.isHalfClosed = true;
    if (this.unanswered === 0) setImmediate(() => this.call.finish());
  }

  private write(framed: Buffer): void {
    const at = this.out.reserve(framed.length);
    framed.copy(this.out.bytes, at);
    this.out.length += framed.length;
  }

  private flushSoon(): void {
    if (this.isFlushing) return;
    this.isFlushing = true;
    process.nextTick(() => {
      this.isFlushing = false;
      if (this.out.length > 0 && !this.call.write(this.out.take())) this.holdUntilDrained();
      if (this.failure && this.unanswered === 0) return this.call.fail(this.failure);
      if (this.isHalfClosed) this.finishWhenAnswered();
    });
  }

  private holdUntilDrained(): void {
    this.call.pause();
    void this.call.drained().then(() => this.call.resume());
  }
}

const NO_OPTIONS: AppendOptions = {
  stream: '',
  streamBytes: Buffer.alloc(0),
  expected: 'any',
  deadline: undefined,
};

/** One append of the call: gathers its chunks, then is the request the writer answers. */
class Append implements WriteRequest {
  readonly kind = 'append';
  readonly stream: string;
  readonly streamBytes: Buffer;
  readonly expected: ExpectedRevision;
  readonly deadline: number;
  events: ProposedEvent[] = [];
  bytes = 0;
  private refused = false;

  constructor(
    private readonly appends: BatchAppends,
    readonly correlation: Buffer,
    options: AppendOptions,
  ) {
    this.stream = options.stream;
    this.streamBytes = options.streamBytes;
    this.expected = options.expected;
    this.deadline = options.deadline ?? Date.now() + DEFAULT_DEADLINE_MS;
  }

  add(chunk: BatchAppendChunk): void {
    if (this.refused) return;
    if (chunk.fault !== undefined) return this.refuse(badRequest(chunk.fault));
    for (const event of chunk.events) this.bytes += chargedBytes(event);
    if (this.bytes > APPEND_BYTES_MAX) return this.refuse(tooLarge(APPEND_BYTES_MAX));
    this.events = this.events.length === 0 ? chunk.events : this.events.concat(chunk.events);
  }

  submit(): void {
    if (!this.refused) this.appends.submit(this);
  }

  /** Refuses the append now; further chunks of it are passed over. */
  refuse(refusal: Refusal): void {
    this.refused = true;
    this.events = [];
    this.appends.refuse(this, refusal);
  }

  answer(result: AppendResult): void {
    this.appends.answer(this, result);
  }
}
