/** /audit/v1: what happened, when, by whom and why. Reads only; personal data stays encrypted. */
import type { Route } from '../route.js';
import { eventRoutes } from './events.js';
import type { History } from './history.js';
import { purchaseRoutes } from './purchases.js';
import { referralRoutes } from './referrals.js';
import { streamRoutes } from './streams.js';

export interface AuditOptions {
  readonly history: History;
}

export const auditRoutes = (options: AuditOptions): Route[] => [
  ...streamRoutes(options),
  ...eventRoutes(options),
  ...purchaseRoutes(options),
  ...referralRoutes(options),
];
