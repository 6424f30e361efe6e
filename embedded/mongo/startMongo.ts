/**
 * Starts the embedded document store: a server that speaks MongoDB's wire protocol and keeps everything in memory. What it holds
 * is read models, which the log can fill again, so nothing of it is on disk.
 *
 * Commands are carried out one after the other, each as a whole: no reader ever sees half a write.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { Service } from './commands/command.js';
import { carryOut } from './commands/table.js';
import { expire } from './expiry.js';
import { type Logger, type MongoOptions, type RunningMongo, silentLogger } from './options.js';
import { filterOf } from './query/filter.js';
import { Catalogue } from './store/catalogue.js';
import { Cursors } from './store/cursors.js';
import { createFramer } from './wire/frames.js';
import { readRequest, writeAnswer } from './wire/messages.js';

const sweepMs = 60_000;
const connectionsMax = 1_000;

const serve = (socket: Socket, connectionId: number, service: Service, logger: Logger): void => {
  socket.setNoDelay(true);
  const receive = createFramer((message) => {
    const request = readRequest(message);
    const { database, body } = request;
    const { answer, bug } = carryOut({ service, database, body, connectionId });
    if (bug !== null) {
      const [command] = Object.keys(body);
      logger.error(
        { err: bug, command, database },
        'the document store could not carry out a command',
      );
    }
    if (request.answered) socket.write(writeAnswer(request, answer));
  });
  socket.on('data', (chunk) => {
    try {
      receive(chunk);
    } catch (error) {
      // Whatever comes after bytes that are no message cannot be told apart any more.
      logger.warn({ err: error, connectionId }, 'the document store ends a connection');
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
};

const listen = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });

/** Starts a server in this thread. @throws what listening throws. */
export const startMongo = async (options: MongoOptions = {}): Promise<RunningMongo> => {
  const { host = '127.0.0.1', port = 0, logger = silentLogger } = options;
  const now = Date.now;
  const catalogue = new Catalogue((filter) => filterOf(filter).matches);
  const cursors = new Cursors(now);
  const service: Service = { catalogue, cursors, now, startedAt: now() };
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, connections, service, logger);
  });
  server.maxConnections = connectionsMax;
  const bound = await listen(server, port, host);
  const sweep = setInterval(() => {
    cursors.expire();
    const removed = expire(catalogue, now());
    if (removed > 0) logger.debug({ removed }, 'documents that were over are removed');
  }, sweepMs);
  sweep.unref();
  logger.info({ host, port: bound }, 'document store is ready');

  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    clearInterval(sweep);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const address = host.includes(':') ? `[${host}]` : host;
  return {
    port: bound,
    connectionString: `mongodb://${address}:${bound}/?directConnection=true`,
    stop: () => (stopped ??= stop()),
  };
};
