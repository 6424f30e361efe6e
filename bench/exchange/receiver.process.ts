/** Endpoints on loopback that answer 204 and remember when each place of the topic arrived for the first time. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerParent } from '../child.js';
import { wallClockMs } from '../subscribers/probe.js';

export type ReceiverQuestion =
  | { readonly ask: 'open'; readonly endpoints: number; readonly places: number }
  /** Forgets what arrived. */
  | { readonly ask: 'reset' }
  /** Answers when so many requests came. */
  | { readonly ask: 'await'; readonly requests: number };

export interface Arrived {
  readonly requests: number;
  /** Epoch milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** By endpoint and place; 0: it did not arrive. */
  readonly arrivals: readonly Float64Array[];
}

const servers: Server[] = [];
let arrivals: Float64Array[] = [];
let requests = 0;
let firstAt = 0;
let lastAt = 0;
let wanted = Infinity;
let told = (): void => undefined;

const reset = (): void => {
  [requests, firstAt, lastAt] = [0, 0, 0];
  arrivals = arrivals.map(({ length }) => new Float64Array(length));
};

const open = async (endpoint: number): Promise<string> => {
  const server = createServer((request, response) => {
    const at = wallClockMs();
    request.resume();
    request.on('end', () => response.writeHead(204).end());
    if (requests === 0) firstAt = at;
    lastAt = at;
    requests += 1;
    const place = Number(request.headers['kopilka-place']);
    const own = arrivals[endpoint];
    if (own?.[place] === 0) own[place] = at;
    if (requests >= wanted) told();
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
};

answerParent(
  async (question: ReceiverQuestion) => {
    if (question.ask === 'open') {
      const endpoints = Array.from({ length: question.endpoints }, (_, index) => index);
      arrivals = endpoints.map(() => new Float64Array(question.places));
      return Promise.all(endpoints.map(open));
    }
    if (question.ask === 'reset') return reset();
    wanted = question.requests;
    if (requests < wanted) await new Promise<void>((resolve) => (told = resolve));
    wanted = Infinity;
    return { requests, firstAt, lastAt, arrivals } satisfies Arrived;
  },
  async () => {
    for (const server of servers) server.closeAllConnections();
  },
);
