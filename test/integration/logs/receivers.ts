/** Receivers of GELF on loopback, as a Graylog has them: datagrams put together, zero-ended messages, bulk requests. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';

export type Gelf = Readonly<Record<string, unknown>>;

export interface Receiver {
  readonly port: number;
  readonly messages: Gelf[];
  close(): Promise<void>;
}

const unzipped = (bytes: Buffer): Buffer =>
  bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;

export interface UdpReceiver extends Receiver {
  /** How many chunks each message had that came in chunks. */
  readonly chunked: number[];
  readonly largest: () => number;
}

export const receiveUdp = async (port = 0): Promise<UdpReceiver> => {
  const messages: Gelf[] = [];
  const chunked: number[] = [];
  const open = new Map<string, Buffer[]>();
  let largest = 0;
  const socket = createSocket('udp4');
  const take = (bytes: Buffer): void => {
    messages.push(JSON.parse(String(unzipped(bytes))) as Gelf);
  };
  socket.on('message', (datagram) => {
    largest = Math.max(largest, datagram.length);
    if (datagram[0] !== 0x1e || datagram[1] !== 0x0f) return take(datagram);
    const id = datagram.subarray(2, 10).toString('hex');
    const [number = 0, count = 0] = datagram.subarray(10, 12);
    const parts = open.get(id) ?? [];
    open.set(id, parts);
    parts[number] = datagram.subarray(12);
    if (parts.filter(Boolean).length < count) return;
    open.delete(id);
    chunked.push(count);
    take(Buffer.concat(parts));
  });
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return {
    ...{ port: socket.address().port, messages, chunked, largest: () => largest },
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
};

export interface TcpReceiver extends Receiver {
  /** Breaks every connection, and resolves once the other side has seen it. */
  cut(): Promise<void>;
}

export const receiveTcp = async (
  options: { readonly port?: number; readonly answers?: string; readonly reads?: boolean } = {},
): Promise<TcpReceiver> => {
  const messages: Gelf[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let rest = Buffer.alloc(0);
    if (options.answers) socket.write(options.answers);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    if (options.reads === false) return void socket.pause();
    socket.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      for (let at = rest.indexOf(0); at >= 0; at = rest.indexOf(0)) {
        messages.push(JSON.parse(String(rest.subarray(0, at))) as Gelf);
        rest = rest.subarray(at + 1);
      }
    });
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  // The other side closes when it has seen the end.
  const cut = async (): Promise<void> => {
    await Promise.all([...sockets].map((socket) => (socket.end(), once(socket, 'close'))));
  };
  return {
    ...{ port: (server.address() as AddressInfo).port, messages, cut },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

export interface HttpReceiver extends Receiver {
  /** Of each request: how many messages, and the Authorization header. */
  readonly requests: { readonly messages: number; readonly authorization: string | undefined }[];
}

/** @param status what is answered to messages; 202 unless told. */
export const receiveHttp = async (
  status: (messages: readonly Gelf[]) => number = () => 202,
): Promise<HttpReceiver> => {
  const messages: Gelf[] = [];
  const requests: { messages: number; authorization: string | undefined }[] = [];
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = String(unzipped(Buffer.concat(chunks)));
      const found = text.split('\n').map((line) => JSON.parse(line) as Gelf);
      const answer = request.url === '/gelf' && request.method === 'POST' ? status(found) : 404;
      requests.push({
        messages: found.length,
        authorization: request.headers.authorization,
      });
      if (answer === 202) messages.push(...found);
      response.writeHead(answer).end('<html>'.repeat(1_000));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...{ port: (server.address() as AddressInfo).port, messages, requests },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
