/** A receiver on loopback, which checks what it is sent with a library that is not ours and answers as it is told. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Received {
  readonly webhookId: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly at: number;
}

export type Answer = (request: Received, response: ServerResponse, index: number) => void;

export interface Bank {
  readonly url: string;
  readonly received: Received[];
  /** Whose signature was wrong. */
  readonly forged: Received[];
  /** Set once the secret is known. */
  secret: string;
  answer: Answer;
  /** Ids of the events in the order of their first arrival. */
  readonly ids: () => string[];
  stop(): Promise<void>;
}

const ok: Answer = (_, response) => void response.writeHead(200).end('thanks');

export const openBank = async (answer: Answer = ok): Promise<Bank> => {
  const received: Received[] = [];
  const forged: Received[] = [];
  const bank = { secret: '', answer };
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('error', () => undefined);
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString();
      const webhookId = String(request.headers['webhook-id']);
      const one = { webhookId, headers: request.headers, body, at: Date.now() };
      try {
        if (bank.secret !== '') new Webhook(bank.secret).verify(body, request.headers as never);
      } catch {
        forged.push(one);
      }
      received.push(one);
      bank.answer(one, response, received.length - 1);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(bank, {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    forged,
    ids: () => [...new Set(received.flatMap(({ body }) => eventIds(body)))],
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
};

/** Of a body in structured or batch mode. */
export const eventIds = (body: string): string[] => {
  const events = [JSON.parse(body) as { id: string } | { id: string }[]].flat();
  return events.map(({ id }) => id);
};
