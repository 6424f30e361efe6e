/** The methods this node serves, by path. Everything the official client must be told about is listed once, here. */
import type { MethodHandler } from '../grpc/server.js';
import type { EventLog } from '../log/eventLog.js';
import type { PersistentGroups } from '../persistent/groups.js';
import type { LinkResolver } from '../read/links.js';
import { serveBatchAppend } from './batchAppend.js';
import { serveGossip, serveSupportedMethods, type SupportedMethod } from './clusterInfo.js';
import { serveConsumer } from './consumers.js';
import { serveDelete, serveTombstone } from './deletes.js';
import { persistentSubscriptionHandlers } from './persistentSubscriptions.js';
import { serveReadOrSubscription } from './read.js';
import { serveAppend } from './unaryAppend.js';

const STREAMS = '/event_store.client.streams.Streams';
const PERSISTENT_SUBSCRIPTIONS =
  '/event_store.client.persistent_subscriptions.PersistentSubscriptions';

/** Methods of PersistentSubscriptions and the features a real server names for them. */
const persistentFeatures: Readonly<Record<string, readonly string[]>> = {
  Create: ['all'],
  Update: ['all'],
  Delete: ['all'],
  Read: ['all'],
  GetInfo: ['stream', 'all'],
  ReplayParked: ['stream', 'all'],
  List: ['stream', 'all'],
  RestartSubsystem: [],
};

const supported: readonly SupportedMethod[] = [
  ...['Append', 'BatchAppend', 'Read', 'Delete', 'Tombstone'].map((method) => ({
    path: `${STREAMS}/${method}`,
    features: [],
  })),
  ...Object.entries(persistentFeatures).map(([method, features]) => ({
    path: `${PERSISTENT_SUBSCRIPTIONS}/${method}`,
    features,
  })),
];

export const methodsOf = (
  log: EventLog,
  links: LinkResolver,
  groups: PersistentGroups,
  address: () => { host: string; port: number },
): ReadonlyMap<string, MethodHandler> =>
  new Map<string, MethodHandler>([
    [`${STREAMS}/BatchAppend`, (call) => serveBatchAppend(call, log)],
    [`${STREAMS}/Append`, (call) => serveAppend(call, log)],
    [`${STREAMS}/Read`, (call) => serveReadOrSubscription(call, log, links)],
    [`${STREAMS}/Delete`, (call) => serveDelete(call, log)],
    [`${STREAMS}/Tombstone`, (call) => serveTombstone(call, log)],
    [`${PERSISTENT_SUBSCRIPTIONS}/Read`, (call) => serveConsumer(call, groups)],
    ...Object.entries(persistentSubscriptionHandlers(groups, log)).map(
      ([method, handler]): [string, MethodHandler] => [
        `${PERSISTENT_SUBSCRIPTIONS}/${method}`,
        handler,
      ],
    ),
    [
      '/event_store.client.server_features.ServerFeatures/GetSupportedMethods',
      serveSupportedMethods(supported),
    ],
    ['/event_store.client.gossip.Gossip/Read', serveGossip(address)],
  ]);
