/**
 * Starts the embedded event store: a node that speaks EventStoreDB's gRPC protocol and keeps its log in PostgreSQL.
 *
 * Invariant: the node listens only while it holds the log's lock, and an append it has answered is on disk.
 */
import { GrpcServer } from './grpc/server.js';
import { LinkIndexer } from './links/indexer.js';
import { EventLog } from './log/eventLog.js';
import {
  DEFAULT_HOST,
  silentLogger,
  type EventStoreOptions,
  type RunningEventStore,
} from './options.js';
import { PersistentGroups } from './persistent/groups.js';
import { Journal } from './persistent/journal.js';
import { LinkResolver } from './read/links.js';
import { requireLoopback, secure } from './security/security.js';
import { methodsOf } from './services/methods.js';

const STOP_GRACE_MS = 2000;

/**
 * Starts a node in this thread. Throws `LogIsTaken` when another node holds the database, and what connecting,
 * migrating or listening throws; an error as well for a
 * node without security that other machines could reach.
 */
export const startEventStore = async (options: EventStoreOptions): Promise<RunningEventStore> => {
  const { host = DEFAULT_HOST, logger = silentLogger } = options;
  if (!options.security) requireLoopback(host);
  const log = new EventLog(options);
  const security = options.security && secure(options.security, log);
  const indexers = (options.links ?? []).map((index) => new LinkIndexer(log, index, logger));
  const linkResolver = new LinkResolver(log);
  const groups = new PersistentGroups({
    log,
    links: linkResolver,
    journal: new Journal(log),
    logger,
  });
  const address = { host, port: 0 };
  const server = new GrpcServer(
    methodsOf(log, linkResolver, groups, () => address, security?.gate),
    logger,
    options.security,
  );
  try {
    await log.start();
    await groups.start();
    address.port = await server.listen(host, options.port ?? 0);
  } catch (error) {
    await groups.stop();
    await log.stop();
    throw error;
  }
  for (const indexer of indexers) indexer.start();
  logger.info({ ...address, head: log.recent.head }, 'event store is ready');
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    server.refuseNewCalls();
    await groups.stop(); // their last checkpoints are taken in before the log takes no more
    const indexed = indexers.map((indexer) => indexer.stop());
    await log.stop(); // appends taken in are answered while their calls are still open
    await Promise.all(indexed);
    await server.stop(STOP_GRACE_MS);
  };
  return {
    port: address.port,
    connectionString:
      security?.connectionString(host, address.port) ?? `esdb://${host}:${address.port}?tls=false`,
    stop: () => (stopped ??= stop()),
  };
};
