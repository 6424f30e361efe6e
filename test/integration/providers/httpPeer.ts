/** A server on loopback that answers as it is told and keeps what it was asked. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Mode } from './peer.js';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
export interface Told {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export const openHttpPeer = async (answer: (asked: Asked, mode: Mode) => Told) => {
  let mode: Mode = 'fine';
  let silences = 0;
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, path: url, headers, body: Buffer.concat(pieces) };
      asked.push(one);
      if (mode === 'silent') return void (silences += 1);
      if (mode === 'garbage') return response.writeHead(200).end('<html>Zebra</html>');
      const { status, headers: told = {}, body } = answer(one, mode);
      response.writeHead(status, told).end(body === undefined ? '' : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    ...{ asked, url: `http://127.0.0.1:${port}` },
    behave: (wanted: Mode) => void (mode = wanted),
    silences: () => silences,
    close: () =>
      (closed ??= new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      })),
  };
};
