/** A running Kopilka with a dealer that publishes and a bank that subscribes, over their own API. */
import { randomUUID } from 'node:crypto';
import { connectHttp } from '../../cli/http/http.js';
import { openSession } from '../../cli/http/session.js';
import type { RunOptions } from '../bench.js';
import { type Child, startChild } from '../child.js';
import { type Product, startProduct } from '../product/product.js';
import type { Arrived, ReceiverQuestion } from './receiver.process.js';

export interface Parts {
  readonly product: Product;
  readonly dealer: string;
  /** An own topic that the bank may see. */
  topic(topicId: string): Promise<void>;
  subscribe(topicId: string, url: string, terms: object): Promise<string>;
  end(subscriptionId: string): Promise<void>;
  readonly receiver: {
    open(endpoints: number, places: number): Promise<readonly string[]>;
    reset(): Promise<void>;
    /** Until so many requests came. */
    arrived(requests: number, deadlineMs: number): Promise<Arrived>;
  };
  readonly process: (module: string) => Child;
}

/** @param sorted ascending. */
export const percentile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;

export const openParts = async ({ cleanup, profileDir }: RunOptions): Promise<Parts> => {
  const process = (module: string) => startChild(new URL(module, import.meta.url), cleanup);
  const product = await startProduct({
    cleanup,
    profileDir,
    dataDir: cleanup.folder('exchange'),
    env: {
      KOPILKA_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8',
      KOPILKA_WEBHOOK_UNVERIFIED: 'true',
      KOPILKA_LOG_LEVEL: 'warn',
    },
  });
  const session = await openSession({ data: product.dataDir });
  const http = connectHttp(product.url, { connections: 4 });
  cleanup.add(() => {
    session.close();
    http.close();
  });
  const post = async <Body>(path: string, body: object): Promise<Body> =>
    (await session.send<Body>({ method: 'POST', path, body, idempotencyKey: randomUUID() })).body;
  const partner = async (partnerId: string): Promise<string> => {
    await post('/admin/v1/partners', { partnerId, name: partnerId });
    const path = `/admin/v1/partners/${partnerId}/credentials`;
    return (await post<{ token: string }>(path, { label: 'bench' })).token;
  };
  const dealer = await partner('motor_house');
  const bank = await partner('city_bank');
  const receiver = process('./receiver.process.js');
  const ask = <Answer>(question: ReceiverQuestion, deadlineMs = 30_000) =>
    receiver.ask<Answer>(question, deadlineMs);
  return {
    product,
    dealer,
    process,
    topic: async (topicId) => {
      await post('/admin/v1/topics', {
        topicId,
        owner: 'motor_house',
        name: topicId,
        description: '',
        classification: 'open',
      });
      const path = `/admin/v1/topics/${topicId}/grants/city_bank`;
      await session.send({
        method: 'PUT',
        path,
        body: { history: 'all' },
        idempotencyKey: randomUUID(),
      });
    },
    subscribe: async (topicId, url, terms) => {
      const { body } = await http.send<{ subscriptionId: string }>({
        method: 'POST',
        path: '/exchange/v1/subscriptions',
        token: bank,
        body: { topicId, endpoint: { url }, verification: 'none', ...terms },
      });
      return body.subscriptionId;
    },
    end: async (subscriptionId) => {
      const path = `/exchange/v1/subscriptions/${subscriptionId}`;
      await http.send({ method: 'DELETE', path, token: bank });
    },
    receiver: {
      open: (endpoints, places) => ask({ ask: 'open', endpoints, places }),
      reset: () => ask({ ask: 'reset' }),
      arrived: (requests, deadlineMs) => ask({ ask: 'await', requests }, deadlineMs),
    },
  };
};
