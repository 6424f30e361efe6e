/** What partners order about their deliveries, over HTTP; the dispatcher hears of it from the log. */
import type pg from 'pg';
import type { History } from '../../api/audit/history.js';
import { deliveryRoutes } from '../../api/exchange/deliveries.js';
import type { Route } from '../../api/route.js';
import { createDeliveryOrders } from '../../commands/delivery/ordering.js';
import type { Handler } from '../../commands/handle.js';
import type { Log } from '../../commands/log.js';
import { createDeliveryLeases } from '../postgres/deliveryLeases.js';

export const openDeliveryOrders = (options: {
  readonly handler: Handler;
  readonly log: Log;
  readonly pool: pg.Pool;
  readonly history: Pick<History, 'stream'>;
}): Route[] => {
  const { handler, log, pool, history } = options;
  const orders = createDeliveryOrders({
    log,
    directory: handler.directory,
    snapshots: createDeliveryLeases(pool),
    lastRevision: async (stream) => {
      const last = { direction: 'backwards', from: null, limit: 1 } as const;
      return (await history.stream(stream, last)).facts[0]?.revision ?? null;
    },
  });
  return deliveryRoutes({ orders });
};
