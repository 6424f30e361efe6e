/** The methods this node serves, by path. Everything the official client must be told about is listed once, here. */
import type { MethodHandler } from '../grpc/server.js';
import type { GrpcCall } from '../grpc/call.js';
import type { EventLog, Writes } from '../log/eventLog.js';
import type { PersistentGroups } from '../persistent/groups.js';
import type { LinkResolver } from '../read/links.js';
import {
  type FirstMessageCheck,
  type Gate,
  operatorsOnly,
  readsStream,
  usersOnly,
} from '../security/gate.js';
import { serveBatchAppend } from './batchAppend.js';
import { serveGossip, serveSupportedMethods, type SupportedMethod } from './clusterInfo.js';
import { serveConsumer, sourceRead } from './consumers.js';
import { serveDelete, serveTombstone } from './deletes.js';
import { persistentSubscriptionHandlers } from './persistentSubscriptions.js';
import { serveReadOrSubscription, streamRead } from './read.js';
import { serveAppend } from './unaryAppend.js';

/** Who calls a node that knows no users, or without credentials. */
const ANONYMOUS = 'anonymous';

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

/** Who may have the first message of a call acted on, on a secured node. Writes are checked one by one. */
const firstMessageChecks: ReadonlyMap<string, FirstMessageCheck> = new Map([
  [`${STREAMS}/Read`, readsStream(streamRead)],
  [`${PERSISTENT_SUBSCRIPTIONS}/Read`, readsStream(sourceRead)],
  ...['GetInfo', 'List'].map((name): [string, FirstMessageCheck] => [
    `${PERSISTENT_SUBSCRIPTIONS}/${name}`,
    usersOnly,
  ]),
  ...['Create', 'Update', 'Delete', 'ReplayParked', 'RestartSubsystem'].map(
    (name): [string, FirstMessageCheck] => [`${PERSISTENT_SUBSCRIPTIONS}/${name}`, operatorsOnly],
  ),
]);

export const methodsOf = (
  log: EventLog,
  links: LinkResolver,
  groups: PersistentGroups,
  address: () => { host: string; port: number },
  gate?: Gate,
): ReadonlyMap<string, MethodHandler> => {
  const writes = (call: GrpcCall): Writes => gate?.writes(call, log) ?? log;
  const username = (call: GrpcCall): string => gate?.callerOf(call)?.name ?? ANONYMOUS;
  const methods = new Map<string, MethodHandler>([
    [`${STREAMS}/BatchAppend`, (call) => serveBatchAppend(call, writes(call))],
    [`${STREAMS}/Append`, (call) => serveAppend(call, writes(call))],
    [`${STREAMS}/Read`, (call) => serveReadOrSubscription(call, log, links)],
    [`${STREAMS}/Delete`, (call) => serveDelete(call, writes(call))],
    [`${STREAMS}/Tombstone`, (call) => serveTombstone(call, writes(call))],
    [`${PERSISTENT_SUBSCRIPTIONS}/Read`, (call) => serveConsumer(call, groups, username(call))],
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
  if (!gate) return methods;
  return new Map(
    [...methods].map(([path, handler]) => [
      path,
      gate.guard(handler, firstMessageChecks.get(path)),
    ]),
  );
};
