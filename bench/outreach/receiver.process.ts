/** A provider on a loopback socket: says when each message came, by our reference. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerParent } from '../child.js';

export type ReceiverQuestion = { readonly ask: 'open' } | { readonly ask: 'arrivals' };
/** Milliseconds since the epoch by message. */
export type Arrivals = Readonly<Record<string, number>>;

let arrivals: Record<string, number> = {};

const server = createServer((request, response) => {
  const at = Date.now();
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const { reference } = JSON.parse(Buffer.concat(parts).toString()) as { reference: string };
    arrivals[reference.slice(0, 32)] ??= at;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});

answerParent(
  async (question: ReceiverQuestion): Promise<unknown> => {
    if (question.ask === 'arrivals') {
      const known = arrivals;
      arrivals = {};
      return known;
    }
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`;
  },
  () => new Promise((resolve) => server.close(() => resolve())),
);
