/**
 * The socket under the application: what is refused before a request is one (headers too large or too slow, no HTTP at all), and
 * the steps of a stop. Twice is safe.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { problemOf } from './problem.js';
import { refused } from './refused.js';
import type { Api } from './server.js';

export interface Listener {
  readonly name: string;
  start(): Promise<void>;
  /** `http://127.0.0.1:7780`, once started. */
  readonly url: () => string;
  stopIntake(): void;
  drain(): Promise<void>;
  abort(): void;
  close(): Promise<void>;
}

const headerBytesMax = 16_384;
const headersTimeoutMs = 10_000;
/** Longer than the usual 60 s of a gateway in front, which must be the one to close an idle connection. */
const keepAliveMs = 65_000;

export const createListener = (options: {
  readonly api: Api;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly requestTimeoutMs: number;
}): Listener => {
  const { api, host, port } = options;
  const server = createServer(
    {
      ...api.classes,
      maxHeaderSize: headerBytesMax,
      headersTimeout: headersTimeoutMs,
      // For a request to arrive; the time to its answer is counted by the application.
      requestTimeout: Math.max(options.requestTimeoutMs, headersTimeoutMs),
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: 1_000,
      noDelay: true,
    },
    api.app,
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    answerMalformed(error, socket),
  );
  let closing: Promise<void> | undefined;

  return {
    name: 'http',
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve();
        });
      }),
    url: () => {
      const { address, port: bound, family } = server.address() as AddressInfo;
      return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
    },
    stopIntake: () => {
      api.inFlight.stopIntake();
      closing ??= closed(server);
      server.closeIdleConnections();
    },
    drain: () => api.inFlight.drained(),
    abort: () => {
      api.inFlight.abort();
      server.closeAllConnections();
    },
    close: async () => {
      closing ??= closed(server);
      api.inFlight.close();
      server.closeIdleConnections();
      server.closeAllConnections();
      await closing;
    },
  };
};

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => (server.listening ? server.close(() => resolve()) : resolve()));

const answerMalformed = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const refusal =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? refused('headers-too-large', `Send at most ${headerBytesMax} bytes of headers.`)
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? refused('request-timeout', 'Send the whole request without delay.')
        : refused('malformed-request', 'Speak HTTP/1.1.');
  const { status, body } = problemOf(refusal, '');
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${String(body['title'])}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
};
