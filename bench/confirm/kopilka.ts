/**
 * Kopilka itself as one of the rivals: started as its user would, with all roles and projections running. After each sample the
 * read models' lag is noted, and how long it takes until they have caught up.
 */
import { EventStoreDBClient, FORWARDS, START } from '@eventstore/db-client';
import type { RunOptions } from '../bench.js';
import type { AppendPlan, RawEvent } from '../append/append.process.js';
import { receipts } from '../load/receipts.js';
import { startProduct } from '../product/product.js';
import { noteSpan } from '../profile.js';
import { customers, openShop } from '../product/shop.js';
import { logConnectionString } from '../product/stores.js';
import { figure, type Table, whole } from '../table.js';
import type { Rival, Shooter } from './rival.js';

export interface Lag {
  readonly connections: number;
  /** Of the read model that was furthest behind, at the moment the load ended. */
  readonly events: number;
  readonly drainSeconds: number;
}

export interface Kopilka {
  readonly users: readonly string[];
  readonly pid: number;
  readonly rival: (shoot: Shooter) => Rival;
  /** The log it writes to, and the events of one of its purchases. */
  readonly rawLog: () => Promise<Pick<AppendPlan, 'connectionString' | 'events'>>;
  readonly lags: () => readonly Lag[];
  /** Of what was noted so far, after warming up. */
  readonly forget: () => void;
  readonly stop: () => Promise<void>;
}

const drainDeadlineMs = 120_000;

/** Names of the same length as Kopilka's own, which no projection asks for. */
const renamed: Readonly<Record<string, string>> = {
  PurchaseConfirmed: 'RawPurchaseStored',
  PointsEarned: 'RawPointsGot',
};

const storedEvents = async (connectionString: string, stream: string): Promise<RawEvent[]> => {
  const client = EventStoreDBClient.connectionString(connectionString);
  const events: RawEvent[] = [];
  try {
    const found = client.readStream(stream, { direction: FORWARDS, fromRevision: START });
    for await (const { event } of found) {
      const type = renamed[event?.type ?? ''];
      if (!event || type === undefined) continue;
      const data = event.data as unknown as RawEvent['data'];
      events.push({ type, data, metadata: JSON.stringify(event.metadata) });
    }
    return events;
  } finally {
    await client.dispose();
  }
};

export const startKopilka = async (count: number, options: RunOptions): Promise<Kopilka> => {
  const { cleanup, profileDir } = options;
  const product = await startProduct({ dataDir: cleanup.folder('confirm'), cleanup, profileDir });
  const shop = await openShop(product, cleanup);
  const users = customers(count);
  await shop.enrol(users);
  await shop.untilApplied(drainDeadlineMs);
  const lags: Lag[] = [];

  const settle = async (connections: number): Promise<void> => {
    const started = performance.now();
    const behind = (await shop.readModels())
      .filter(({ secondsBehind }) => secondsBehind !== 0)
      .map((model) => Number(model.behind));
    await shop.untilApplied(drainDeadlineMs);
    const drainSeconds = (performance.now() - started) / 1000;
    lags.push({ connections, events: Math.max(0, ...behind), drainSeconds });
  };

  return {
    users,
    pid: product.pid,
    rival: (shoot) => ({
      name: 'product',
      title: 'Kopilka confirms',
      pids: [product.pid],
      measure: async (load) => {
        const headers = { authorization: `Bearer ${product.tillToken}` };
        const sample = await shoot(product.url, headers, load);
        if (profileDir) noteSpan(profileDir, load.seconds);
        await settle(load.connections);
        return sample;
      },
    }),
    rawLog: async () => {
      const userId = users[0] as string;
      const { body } = receipts({ users: [userId], series: 'sample-64-0', seed: 1 }).next().value;
      await shop.confirm(userId, body);
      const connectionString = logConnectionString(product);
      const events = await storedEvents(connectionString, `account-demo.${userId}`);
      if (events.length < 2) throw new Error('a purchase is not stored as it used to be');
      return { connectionString, events: events.slice(0, 2) };
    },
    lags: () => lags,
    forget: () => void lags.splice(0),
    stop: product.stop,
  };
};

export const lagTable = (lags: readonly Lag[]): Table => ({
  title: 'Read models when the load ends',
  head: ['connections', 'events behind', 'caught up after s'],
  rows: lags.map(({ connections, events, drainSeconds }) => [
    String(connections),
    whole(events),
    figure(drainSeconds),
  ]),
});
