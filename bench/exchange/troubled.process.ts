/** Endpoints on loopback that ail in every way that endpoints do. Asked once, answers with their addresses. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerParent } from '../child.js';

type Ailment = (index: number, ...told: Parameters<RequestListener>) => void;

const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Ailment =>
  (_index, _request, response) =>
    void response.writeHead(code, headers).end();

const slow =
  (ms: number): Ailment =>
  (_index, _request, response) =>
    void setTimeout(() => response.writeHead(200).end(), ms);

/** One of so many is refused. */
const flapping =
  (nth: number, code: number): Ailment =>
  (index, _request, response) =>
    void response.writeHead(index % nth === 0 ? code : 200).end();

const cutting: Ailment = (_index, _request, response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('half');
  setTimeout(() => response.destroy(), 10);
};

const ailments: readonly Ailment[] = [
  slow(300),
  slow(1_000),
  flapping(2, 503),
  flapping(3, 500),
  status(500),
  status(404),
  status(410),
  status(429, { 'retry-after': '1' }),
  cutting,
  (_index, _request, response) => void response.writeHead(200).end(Buffer.alloc(100_000, 'x')),
  status(302, { location: 'http://169.254.169.254/latest' }),
  // Hangs.
  () => undefined,
];

const servers: Server[] = [];

const open = async (ailment: Ailment): Promise<string> => {
  let index = 0;
  const server = createServer((request, response) => {
    request.resume();
    index += 1;
    ailment(index, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
};

/** Where nobody listens. */
const dead = async (): Promise<string> => {
  const url = await open(() => undefined);
  const server = servers.pop();
  server?.close();
  if (server) await once(server, 'close');
  return url;
};

answerParent(
  async () => Promise.all([...ailments.map(open), dead()]),
  async () => {
    for (const server of servers) server.closeAllConnections();
  },
);
