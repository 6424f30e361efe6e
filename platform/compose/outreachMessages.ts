/** Messages over HTTP: taken, ordered about, asked after. The queue answers from its read model, in whichever process that is filled. */
import type pg from 'pg';
import { messageBulkRoutes } from '../../api/outreach/bulk.js';
import { messageReadingRoutes } from '../../api/outreach/messageReading.js';
import { messageRoutes } from '../../api/outreach/messages.js';
import type { Route } from '../../api/route.js';
import type { Log } from '../../commands/log.js';
import { createMessageOrders } from '../../commands/message/order.js';
import type { Outcomes } from '../../commands/message/outcomes.js';
import type { PersonalKeys } from '../../commands/personalData.js';
import { outbox } from '../../projections/outbox/outbox.js';
import { queuedMessage } from '../../projections/outbox/state.js';
import type { Waiting } from '../../projections/waiting.js';
import type { Config } from '../config.js';
import type { Accepting } from './accepting.js';

/** An order is seldom waited for longer than the queue takes for a batch. */
const queueDeadlineMs = 5_000;

export const openOutreachMessages = (parts: {
  readonly accepting: Accepting;
  readonly log: Log;
  readonly pool: pg.Pool;
  readonly waiting: Waiting;
  readonly personalKeys: PersonalKeys;
  readonly config: Pick<Config, 'requestTimeoutMs'>;
  readonly stopping: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): Route[] => {
  const { accepting, log, pool, waiting, personalKeys, config, stopping, now } = parts;
  const outcomes: Outcomes = {
    message: async (tenant, messageId, minPosition) => {
      if (minPosition !== null) await waiting.waitFor(outbox.name, minPosition, queueDeadlineMs);
      return queuedMessage(pool, tenant, messageId);
    },
  };
  const orders = createMessageOrders({ log, outcomes });
  return [
    ...messageRoutes({ ...accepting, orders }),
    ...messageReadingRoutes({ log, outcomes, keys: personalKeys }),
    ...messageBulkRoutes({
      ...accepting,
      stopping,
      now,
      uploadMs: config.requestTimeoutMs * 0.8,
    }),
  ];
};
