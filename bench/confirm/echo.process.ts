/** Rival (a): an Express 5 route that parses the receipt, sends it back and does nothing else. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { answerParent } from '../child.js';

const start = async (): Promise<string> => {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag'); // Kopilka sends none either
  app.use(express.json());
  app.post('/pos/v1/users/:userId/purchases', (request, response) => {
    response.json(request.body);
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

answerParent(start);
