/** The methods this node serves, by path. Everything the official client must be told about is listed once, here. */
import type { MethodHandler } from '../grpc/server.js';
import type { EventLog } from '../log/eventLog.js';
import { LinkResolver } from '../read/links.js';
import { serveBatchAppend } from './batchAppend.js';
import { serveGossip, serveSupportedMethods, type SupportedMethod } from './clusterInfo.js';
import { serveDelete, serveTombstone } from './deletes.js';
import { serveReadOrSubscription } from './read.js';
import { serveAppend } from './unaryAppend.js';

const STREAMS = '/event_store.client.streams.Streams';

const supported: readonly SupportedMethod[] = [
  'Append',
  'BatchAppend',
  'Read',
  'Delete',
  'Tombstone',
].map((method) => ({
  path: `${STREAMS}/${method}`,
  features: [],
}));

export const methodsOf = (
  log: EventLog,
  address: () => { host: string; port: number },
): ReadonlyMap<string, MethodHandler> => {
  const links = new LinkResolver(log);
  return new Map<string, MethodHandler>([
    [`${STREAMS}/BatchAppend`, (call) => serveBatchAppend(call, log)],
    [`${STREAMS}/Append`, (call) => serveAppend(call, log)],
    [`${STREAMS}/Read`, (call) => serveReadOrSubscription(call, log, links)],
    [`${STREAMS}/Delete`, (call) => serveDelete(call, log)],
    [`${STREAMS}/Tombstone`, (call) => serveTombstone(call, log)],
    [
      '/event_store.client.server_features.ServerFeatures/GetSupportedMethods',
      serveSupportedMethods(supported),
    ],
    ['/event_store.client.gossip.Gossip/Read', serveGossip(address)],
  ]);
};
