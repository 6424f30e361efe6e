/** The thread that hands lines to the receiver of logs: whatever that does, it keeps nobody else waiting. */
import { parentPort, workerData } from 'node:worker_threads';
import { openCarrier } from './open.js';
import { createShipper } from './shipper.js';
import type { FromGelf, GelfSettings, ToGelf } from './client.js';

const { address, origin, limits } = workerData as GelfSettings;
const port = parentPort;
if (!port) throw new Error('gelf.thread.ts runs in a worker thread only');
const tell = (message: FromGelf): void => port.postMessage(message);

const shipper = createShipper({
  carrier: openCarrier(address, limits),
  origin,
  now: Date.now,
  onShipped: (shipped) => tell({ kind: 'shipped', ...shipped }),
  onTrouble: ({ message, code }: Error & { code?: string }) =>
    tell({ kind: 'trouble', code: code ?? 'ERR', message }),
});

port.on('message', (message: ToGelf) => {
  if (typeof message === 'string') return shipper.take(message);
  void shipper.stop(message.deadlineMs).finally(() => process.exit(0));
});
