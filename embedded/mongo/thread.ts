/** The thread of `startMongoThread`: runs a document store and passes on its log lines. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Logger } from './options.js';
import { startMongo } from './startMongo.js';
import type { ThreadMessage, ThreadSettings } from './startThread.js';

const port = parentPort!;
const send = (message: ThreadMessage): void => port.postMessage(message);

const forward =
  (level: keyof Logger) =>
  (fields: object, message: string): void =>
    send({ kind: 'log', level, fields: plain(fields), message });

/** Errors lose their fields on the way to another thread; keep those that tell something. */
const plain = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error
        ? { type: value.name, message: value.message, stack: value.stack }
        : value,
    ]),
  );

const logger: Logger = {
  debug: forward('debug'),
  info: forward('info'),
  warn: forward('warn'),
  error: forward('error'),
};

try {
  const store = await startMongo({ ...(workerData as ThreadSettings), logger });
  port.on('message', () => {
    void store.stop().then(() => process.exit(0));
  });
  send({ kind: 'ready', port: store.port, connectionString: store.connectionString });
} catch (error) {
  const { name, message } = error as Error;
  send({ kind: 'refused', name, message });
}
