/**
 * A gRPC server over node:http2: finds the handler of a path, refuses what it does not know, and stops in order.
 *
 * Stopping ends every call with UNAVAILABLE before a connection is cut, since the official client takes a connection
 * that merely breaks for an unknown error.
 */
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../options.js';
import { GrpcCall } from './call.js';
import { GrpcCode, GrpcFailure } from './status.js';

/** Serves one call; it returns at once and ends the call later. Throwing fails the call. */
export type MethodHandler = (call: GrpcCall) => void;

const RECEIVE_WINDOW_BYTES = 4 * 1024 * 1024;
const CALLS_PER_CONNECTION_MAX = 10_000;
const SESSION_MEMORY_MAX_MB = 256;

export class GrpcServer {
  private readonly server: Http2Server | Http2SecureServer;
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly calls = new Set<GrpcCall>();
  private stopping = false;

  constructor(
    private readonly methods: ReadonlyMap<string, MethodHandler>,
    private readonly logger: Logger,
    /** Certificate and key in PEM; without, the node speaks in the clear. */
    tls?: { readonly certificate: string; readonly key: string },
  ) {
    const options = {
      maxSessionMemory: SESSION_MEMORY_MAX_MB,
      settings: {
        initialWindowSize: RECEIVE_WINDOW_BYTES,
        maxConcurrentStreams: CALLS_PER_CONNECTION_MAX,
      },
    };
    this.server = tls
      ? createSecureServer({ ...options, cert: tls.certificate, key: tls.key })
      : createServer(options);
    this.server.on('tlsClientError', (error) =>
      logger.debug({ err: error }, 'a client did not agree on TLS'),
    );
    this.server.on('session', (session) => this.welcome(session));
    this.server.on('stream', (stream, headers) => this.accept(stream, headers));
    this.server.on('sessionError', (error) =>
      logger.debug({ err: error }, 'event store connection failed'),
    );
  }

  /** Listens and resolves to the port, which differs from the one asked for when that was 0. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.removeListener('error', reject);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  /** Answers new calls with UNAVAILABLE from now on; those in progress go on. */
  refuseNewCalls(): void {
    this.stopping = true;
  }

  /** Refuses new calls, fails those in progress with UNAVAILABLE, and closes within `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const call of this.calls)
      call.fail(new GrpcFailure(GrpcCode.unavailable, 'the event store is stopping'));
    for (const session of this.sessions) session.close();
    const timer = setTimeout(() => {
      for (const session of this.sessions) session.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  }

  private welcome(session: ServerHttp2Session): void {
    this.sessions.add(session);
    session.setLocalWindowSize(RECEIVE_WINDOW_BYTES);
    session.on('close', () => this.sessions.delete(session));
    session.on('error', (error) =>
      this.logger.debug({ err: error }, 'event store connection broke'),
    );
  }

  private accept(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const call = new GrpcCall(stream, headers);
    if (this.stopping)
      return call.fail(new GrpcFailure(GrpcCode.unavailable, 'the event store is stopping'));
    const path = String(headers[':path']);
    const handler = this.methods.get(path);
    if (!handler)
      return call.fail(
        new GrpcFailure(GrpcCode.unimplemented, `${path} is not implemented by this node`),
      );
    this.calls.add(call);
    stream.on('close', () => this.calls.delete(call));
    try {
      handler(call);
    } catch (error) {
      this.logger.error({ err: error, path }, 'event store call failed');
      call.fail(error);
    }
  }
}
