/** Settings of the process itself: where it keeps its data, where it listens, and what it does. */
import { integer, listOf, oneOf, optionalUrl, text } from './kinds.js';
import { setting } from './setting.js';

export const roles = [
  ...(['pos', 'admin', 'audit', 'exchange', 'outreach'] as const),
  ...(['projections', 'workers'] as const),
] as const;

export const processSettings = {
  dataDir: setting({
    env: 'KOPILKA_DATA',
    kind: text,
    default: './data',
    description: 'Folder for everything this machine keeps: embedded stores, ready.json, reports.',
  }),
  host: setting({
    env: 'KOPILKA_HOST',
    kind: text,
    default: '127.0.0.1',
    description: 'Address to listen on; 0.0.0.0 for every network.',
  }),
  port: setting({
    env: 'KOPILKA_PORT',
    kind: integer(0, 65_535),
    default: '7780',
    description: 'TCP port to listen on; 0 for any free one.',
  }),
  publicUrl: setting({
    env: 'KOPILKA_PUBLIC_URL',
    kind: optionalUrl('http', 'https'),
    default: '',
    description:
      'Address that clients use, as in the API description; empty for the listening address.',
  }),
  trustedProxies: setting({
    env: 'KOPILKA_TRUSTED_PROXIES',
    kind: integer(0, 16),
    default: '0',
    description: 'How many gateways in front may name the client in X-Forwarded-For.',
  }),
  roles: setting({
    env: 'KOPILKA_ROLES',
    kind: listOf(oneOf('all', ...roles)),
    default: 'all',
    description: 'What this process does.',
  }),
  homeTenant: setting({
    env: 'KOPILKA_HOME_TENANT',
    kind: text,
    default: 'demo',
    description: 'Programme whose owners may open others, and replay and rebuild read models.',
  }),
} as const;
