/**
 * One gRPC call over one HTTP/2 stream.
 *
 * Built on node:http2 rather than on @grpc/grpc-js because the server is on the hot path: here a handler writes bytes
 * it has framed itself, many messages at a time, where the library spends more on each message than PostgreSQL does.
 *
 * Invariant: a call ends exactly once, with trailers or by the peer's cancellation; after that writes are dropped and
 * whoever waits for `drained` is let go, so no loop over a dead call can hang.
 */
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { BadFrame, FrameDecoder, frame } from './frames.js';
import { failureTrailers, GrpcCode, GrpcFailure, okTrailers } from './status.js';

const RESPONSE_HEADERS = { ':status': 200, 'content-type': 'application/grpc+proto' };

export class GrpcCall {
  /** True once the call has ended, by us or by the peer. */
  ended = false;
  onMessage: (message: Buffer) => void = () => {};
  /** The peer has sent its last message. */
  onHalfClose: () => void = () => {};
  /** The call is over, however it ended. Called once. */
  onEnd: () => void = () => {};

  private trailers = okTrailers;
  private responded = false;
  private readonly decoder = new FrameDecoder();
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly stream: ServerHttp2Stream,
    readonly headers: IncomingHttpHeaders,
  ) {
    stream.on('data', (chunk: Buffer) => this.receive(chunk));
    stream.on('end', () => this.guard(() => this.onHalfClose()));
    stream.on('drain', () => this.release());
    stream.on('wantTrailers', () => stream.sendTrailers(this.trailers));
    stream.on('aborted', () => this.over());
    stream.on('close', () => this.over());
    stream.on('error', () => this.over()); // a reset or a lost connection: the peer is gone either way
  }

  /** Sends bytes holding whole framed messages. False when the peer is behind: await `drained` before the next. */
  write(frames: Buffer): boolean {
    if (this.ended || this.stream.destroyed) return true;
    this.respond();
    return this.stream.write(frames);
  }

  /** Resolves when the peer has caught up with what was written, or when the call is over. */
  drained(): Promise<void> {
    if (this.ended || !this.stream.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Stops taking messages from the peer, which HTTP/2 then holds back; `resume` takes up again. */
  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    if (!this.ended) this.stream.resume();
  }

  /** Ends the call well, with one last message if given. */
  finish(message?: Buffer): void {
    if (this.ended) return;
    if (message) this.write(frame(message));
    this.respond();
    this.close();
  }

  /** Ends the call with an error; what is not a `GrpcFailure` is answered as an internal one. */
  fail(error: unknown): void {
    if (this.ended) return;
    const failure =
      error instanceof GrpcFailure ? error : new GrpcFailure(GrpcCode.internal, describe(error));
    this.trailers = failureTrailers(failure);
    this.respond();
    this.close();
  }

  /** Address of the client, host:port. */
  get peer(): string {
    const { remoteAddress = '', remotePort = 0 } = this.stream.session?.socket ?? {};
    return `${remoteAddress}:${remotePort}`;
  }

  /** Epoch milliseconds by which the peer wants to be answered (its grpc-timeout), or undefined. */
  deadline(now: number): number | undefined {
    const match = /^(\d{1,8})([HMSmun])$/.exec(String(this.headers['grpc-timeout'] ?? ''));
    if (!match) return undefined;
    return now + Number(match[1]) * TIMEOUT_UNIT_MS[match[2] as keyof typeof TIMEOUT_UNIT_MS];
  }

  private receive(chunk: Buffer): void {
    if (this.ended) return;
    this.guard(() => this.decoder.push(chunk, this.onMessage));
  }

  private guard(action: () => void): void {
    if (this.ended) return;
    try {
      action();
    } catch (error) {
      this.fail(
        error instanceof BadFrame
          ? new GrpcFailure(GrpcCode.resourceExhausted, error.message)
          : error,
      );
    }
  }

  private respond(): void {
    if (this.responded || this.stream.destroyed || this.stream.closed) return;
    this.responded = true;
    this.stream.respond(RESPONSE_HEADERS, { waitForTrailers: true });
  }

  private close(): void {
    if (!this.stream.destroyed) {
      this.stream.end();
      this.stream.resume(); // what the peer still sends is thrown away
    }
    this.over();
  }

  private over(): void {
    if (this.ended) return;
    this.ended = true;
    this.release();
    this.onEnd();
  }

  private release(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

const TIMEOUT_UNIT_MS = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

const describe = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
