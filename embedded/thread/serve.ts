/** The inside of a thread that `startThread` starts: runs a store, passes on its log lines and stops it when it is told to. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Logger } from '../logger.js';
import { forwardLog } from './forwardLog.js';
import type { RunningStore, ThreadMessage } from './startThread.js';

/** `start` is given what the thread was started with. */
export const serve = async <Settings extends object>(
  start: (settings: Settings & { readonly logger: Logger }) => Promise<RunningStore>,
): Promise<void> => {
  const port = parentPort!;
  const send = (message: ThreadMessage): void => port.postMessage(message);
  const logger = forwardLog(send);
  try {
    const store = await start({ ...(workerData as Settings), logger });
    port.on('message', () => {
      void store.stop().then(() => process.exit(0));
    });
    send({ kind: 'ready', port: store.port, connectionString: store.connectionString });
  } catch (error) {
    const { name, message } = error as Error;
    send({ kind: 'refused', name, message });
  }
};
