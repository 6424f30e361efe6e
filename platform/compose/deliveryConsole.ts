/** What is told of deliveries: attempts, the health of endpoints, who got a publication. For partners and for operators. */
import type pg from 'pg';
import { deliveryAdminRoutes } from '../../api/admin/deliveries.js';
import { createEndpointLook } from '../../api/admin/endpointLook.js';
import { endpointRoutes } from '../../api/admin/endpoints.js';
import { topicOverviewRoutes } from '../../api/admin/topicOverview.js';
import type { History } from '../../api/audit/history.js';
import { attemptRoutes } from '../../api/exchange/attempts.js';
import {
  createHandoversOf,
  handoverAdminRoutes,
  handoverRoutes,
} from '../../api/exchange/handovers.js';
import { createOutcomeOf } from '../../api/exchange/outcomes.js';
import { recipientAdminRoutes, recipientRoutes } from '../../api/exchange/recipients.js';
import type { Route } from '../../api/route.js';
import { createDeliveryOrders } from '../../commands/delivery/ordering.js';
import type { Handler } from '../../commands/handle.js';
import type { Log } from '../../commands/log.js';
import { recentAttempts } from '../../projections/attempts/recent.js';
import type { Config } from '../config.js';
import { createDeliveryLeases } from '../postgres/deliveryLeases.js';
import type { Documents } from './documents.js';
import { createHandoverSearches } from './handovers.js';
import { createAttemptSearches } from './searches.js';

export const openDeliveryConsole = (options: {
  readonly config: Pick<Config, 'deliveriesKeptDays'>;
  readonly handler: Handler;
  readonly log: Log;
  readonly pool: pg.Pool;
  readonly history: Pick<History, 'stream'>;
  readonly documents: Documents;
  readonly hasRole: (role: 'admin' | 'exchange') => boolean;
}): Route[] => {
  const { config, handler, log, pool, history, documents, hasRole } = options;
  const { directory } = handler;
  const searches = createAttemptSearches(documents);
  const orders = createDeliveryOrders({
    log,
    directory,
    snapshots: createDeliveryLeases(pool),
    lastRevision: async (stream) => {
      const last = { direction: 'backwards', from: null, limit: 1 } as const;
      return (await history.stream(stream, last)).facts[0]?.revision ?? null;
    },
  });
  // What became of a publication is told without attempts rather than later.
  const atOnce = createAttemptSearches(documents, documents.askAtOnce);
  const outcomeOf = createOutcomeOf({ directory, orders, searches: atOnce, history });
  const handoversOf = createHandoversOf({
    history,
    searches: createHandoverSearches(documents),
    keptDays: config.deliveriesKeptDays,
  });
  const look = createEndpointLook({
    directory,
    orders,
    recent: async (tenant, subscriptionId) => {
      const db = await documents.db();
      return db ? recentAttempts(db)(tenant, subscriptionId) : null;
    },
  });
  const services = { directory, log, searches, orders, outcomeOf, handoversOf };
  return [
    ...(hasRole('exchange')
      ? [...attemptRoutes(services), ...recipientRoutes(services), ...handoverRoutes(services)]
      : []),
    ...(hasRole('admin')
      ? [
          ...deliveryAdminRoutes(services),
          ...recipientAdminRoutes(services),
          ...handoverAdminRoutes(services),
          ...endpointRoutes({ directory, look }),
          ...topicOverviewRoutes({ directory, look, history }),
        ]
      : []),
  ];
};
