/** Settings of what leaves the house: where webhooks and providers of messages may be, and how long it is remembered. */
import { boolean, integer, networks } from './kinds.js';
import { setting } from './setting.js';

export const deliverySettings = {
  webhookPrivateNetworks: setting({
    env: 'KOPILKA_WEBHOOK_PRIVATE_NETWORKS',
    kind: networks,
    default: '',
    description:
      'Private networks that webhooks and providers of messages may reach, also by plain http to an address; for tests and intranets.',
  }),
  webhookUnverified: setting({
    env: 'KOPILKA_WEBHOOK_UNVERIFIED',
    kind: boolean,
    default: 'false',
    description:
      'Whether subscriptions may go without asking their endpoint first; for tests and intranets.',
  }),
  deliveriesKeptDays: setting({
    env: 'KOPILKA_DELIVERIES_KEPT_DAYS',
    kind: integer(0, 3_650),
    default: '90',
    description:
      'How long records of deliveries to webhooks, and of what was pulled, streamed and found, stay in the log, in days; those of deliveries up to a ninth longer; 0: for ever.',
  }),
} as const;
