/**
 * Kopilka, put together: plain code that news things up in the order in which they need each other and closes them in reverse.
 *
 * It alone knows everyone. What a process does is said by its roles; where its stores are, by connection strings, which are left
 * empty for the embedded ones.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { EventStoreDBClient } from '@eventstore/db-client';
import type pg from 'pg';
import { createEnrolCustomer } from '../commands/customer/enrolCustomer.js';
import type { Handler } from '../commands/handle.js';
import type { Log } from '../commands/log.js';
import {
  createPersonalData,
  type PersonalData,
  type PersonalKeys,
} from '../commands/personalData.js';
import { createArrivals } from '../commands/publication/arrivals.js';
import { createSigning, type Signing } from '../commands/signing.js';
import { eventDefinitions } from '../domain/registry.js';
import type { Feed } from '../projections/feed.js';
import { createWaiting, type Waiting } from '../projections/waiting.js';
import { type Accepting, openAccepting } from './compose/accepting.js';
import { bootstrap, type Credentials } from './compose/bootstrap.js';
import { createDirectoryFeed, type DirectoryFeed } from './compose/directoryFeed.js';
import { type Documents, openDocuments } from './compose/documents.js';
import { openTurnsMemory } from './compose/givingWay.js';
import { openHttp } from './compose/http.js';
import { openTakeReceipts } from './compose/outreachReceipts.js';
import { openKafka, type OpenKafka } from './compose/kafka.js';
import { openOutreachKafka, type OutreachKafka } from './compose/outreachKafka.js';
import { type ProjectionsThread, startProjectionsThread } from './compose/projectionsThread.js';
import { removeReadyFile, writeReadyFile } from './compose/readyFile.js';
import { type LogStore, openLog, openPostgres, type PostgresStore } from './compose/stores.js';
import { openTraces } from './compose/traces.js';
import { openWorkers, type Workers } from './compose/workers.js';
import { addWorkerThreads } from './compose/workerThreads.js';
import { createReadModelWorkThreads } from './compose/readModelWorkThreads.js';
import { createSimulationThreads, type SimulationThreads } from './compose/simulationThreads.js';
import { openWriteSide } from './compose/writeSide.js';
import type { Config } from './config.js';
import type { roles } from './config/process.js';
import { connect, createLog, defaultLimits, disconnect } from './eventstore/client.js';
import { createAgeLimit } from './eventstore/ageLimit.js';
import { createCodec } from './eventstore/codec.js';
import { createFeed } from './eventstore/feed.js';
import { createHistory } from './eventstore/history.js';
import { createLogWatch, logReady, measureLog } from './eventstore/watch.js';
import { createLifecycle } from './lifecycle.js';
import type { Logger } from './logging.js';
import type { OpenLogging } from './logging/open.js';
import { createMetrics } from './metrics.js';
import { measureParts } from './lifecycle/measureParts.js';
import { packageRoot } from './packageRoot.js';
import { migrate } from './postgres/migrate.js';
import { createPostgresPersonalKeys } from './postgres/personalKeys.js';
import { createPool } from './postgres/pool.js';
import { createPostgresSigningKeys } from './postgres/signingKeys.js';
import { createSnapshots } from './postgres/snapshots.js';

export interface Kopilka {
  readonly url: string;
  readonly dataDir: string;
  /** Of the demonstration programme; null where the log is not the embedded one. */
  readonly credentials: Credentials | null;
  /** For psql; null where PostgreSQL is not the embedded one. */
  readonly postgresUrl: string | null;
  /** Resolves with whether everything ended cleanly and in time. Twice is safe. */
  stop(reason: string): Promise<boolean>;
  /** Resolves when a part ended by itself that nothing works without: the process is to stop. */
  readonly failed: Promise<Error>;
}

type Role = (typeof roles)[number];

const directoryDeadlineMs = 120_000;
const catchUpPatienceMs = 5_000;

/** @throws what a part threw at its start, after those before it were stopped. */
export const composeKopilka = async (
  config: Config,
  logger: Logger,
  logging?: Pick<OpenLogging, 'measure'>,
): Promise<Kopilka> => {
  const dataDir = resolve(config.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  const now = () => Date.now();
  const hasRole = (role: Role) => config.roles.includes('all') || config.roles.includes(role);
  const metrics = createMetrics();
  logging?.measure(metrics);
  const traces = await openTraces(config, version, logger, metrics);
  const { tracing } = traces;
  const { shutdownDeadlineMs } = config;
  const lifecycle = createLifecycle({ logger, shutdownDeadlineMs });
  let fail = (_error: Error): void => undefined;
  const failed = new Promise<Error>((resolve) => (fail = resolve));

  let postgres: PostgresStore;
  let logStore: LogStore;
  let pool: pg.Pool;
  let client: EventStoreDBClient;
  let feed: Feed;
  let log: Log;
  let handler: Handler;
  let directoryFeed: DirectoryFeed;
  let personalData: PersonalData;
  let personalKeys: PersonalKeys;
  let signing: Signing;
  let accepting: Accepting;
  let waiting: Waiting;
  let projections: ProjectionsThread | null = null;
  let documents: Documents;
  let workers: Workers | null = null;
  let kafka: OpenKafka | null = null;
  let outreachKafka: OutreachKafka | null = null;
  let http: ReturnType<typeof openHttp>;
  let simulations: SimulationThreads | undefined;
  let credentials: Credentials | null = null;

  /** Where a thread of its own opens its connections; known once both have started. */
  const stores = () => ({
    connectionString: logStore.connectionString,
    postgres: postgres.config,
  });

  const turns = openTurnsMemory();
  const codec = createCodec(eventDefinitions);
  const arrivals = createArrivals();
  const logWatch = createLogWatch();
  measureLog(metrics, logWatch);

  lifecycle.add({ name: 'tracing', close: () => traces.close() });

  lifecycle.add({
    name: 'postgres',
    start: async () => {
      postgres = await openPostgres(config, logger, fail);
      await migrate(postgres.config, { logger });
      pool = createPool(postgres.config, {
        applicationName: 'kopilka',
        max: config.postgresPoolSize,
        onIdleError: (error) => logger.warn({ err: error }, 'a connection to PostgreSQL broke'),
      });
    },
    close: async () => {
      await pool?.end();
      await postgres?.stop();
    },
    ready: async () => (await pool.query('select 1')).rowCount === 1 || 'no answer',
  });

  lifecycle.add({
    name: 'log',
    start: async () => {
      logStore = await openLog(config, postgres, logger, fail);
      client = connect(logStore.connectionString, logWatch);
      feed = createFeed(client, codec, (error, attempt) => {
        logWatch.interrupted += 1;
        logger.warn({ err: error, attempt }, 'a subscription was interrupted');
      });
    },
    close: async () => {
      if (client) await disconnect(client);
      await logStore?.stop();
    },
    ready: logReady(logWatch, () => feed.head()),
  });

  lifecycle.add({
    name: 'commands',
    start: async () => {
      log = traces.log(createLog(client, codec, defaultLimits, logWatch));
      personalKeys = createPostgresPersonalKeys(pool);
      const writeSide = openWriteSide({
        log,
        logger,
        metrics,
        keys: personalKeys,
        snapshots: createSnapshots(pool),
        cacheEntries: config.accountCacheEntries,
      });
      handler = traces.handler(writeSide);
      directoryFeed = createDirectoryFeed(feed, handler.directory, (error) => fail(error as Error));
      await directoryFeed.start(directoryDeadlineMs);
      personalData = createPersonalData(personalKeys);
      accepting = openAccepting({
        log,
        handler,
        personalKeys,
        metrics,
        feed,
        onUrgent: (one) => workerThreads.hear(one),
      });
      signing = await createSigning({
        keys: createPostgresSigningKeys(pool),
        isRevoked: (kid) => handler.directory.revokedKeys.has(kid),
        now,
        onFailed: (error) => logger.error({ err: error }, 'the signing keys could not be read'),
      });
    },
    close: async () => {
      signing?.close();
      await directoryFeed?.stop();
    },
  });

  lifecycle.add({
    name: 'projections',
    start: async () => {
      if (hasRole('projections')) {
        projections = startProjectionsThread({
          settings: stores(),
          logger: logger.child({ component: 'projections' }),
          metrics,
          onCrash: fail,
        });
        await withinPatience(projections.caughtUp);
      }
      waiting = createWaiting({ pool, ...(projections && { advanced: projections.advanced }) });
    },
    close: async () => {
      waiting?.close();
      await projections?.stop();
    },
    state: () => projections?.state() ?? 'off',
  });

  lifecycle.add({
    name: 'documents',
    start: () => {
      documents = openDocuments({
        config,
        feed,
        turns,
        metrics,
        connectionString: logStore.connectionString,
        logger: logger.child({ component: 'documents' }),
        answers: hasRole('exchange') || hasRole('outreach') || hasRole('admin'),
        fills: hasRole('projections'),
        gates: !hasRole('pos'),
      });
    },
    close: () => documents?.stop(),
    ready: () => documents.ready(),
    state: () => documents?.state() ?? 'starting',
  });

  lifecycle.add({
    name: 'workers',
    start: () => {
      if (!hasRole('workers')) return;
      workers = openWorkers({ handler, log, feed, pool, personalData, logger, now });
    },
    stopIntake: () => workers?.stop(),
    close: () => workers?.stop(),
    state: () => (workers ? 'running' : 'off'),
  });

  const workerThreads = addWorkerThreads(lifecycle, () =>
    hasRole('workers')
      ? { config, feed, turns, logger, metrics, now, tracing: traces.settings, stores: stores() }
      : null,
  );

  lifecycle.add({
    name: 'kafka',
    start: () => {
      if (!hasRole('workers')) return;
      kafka = openKafka({
        config,
        handler,
        log,
        arrivals,
        feed,
        pool,
        personalKeys,
        logger,
        metrics,
        now,
        tracing,
        history: createHistory(client, codec),
      });
      const { directory } = handler;
      outreachKafka = openOutreachKafka({
        config,
        directory,
        accepting,
        pool,
        logger,
        metrics,
        tracing,
        now,
      });
    },
    stopIntake: () => stopAll(kafka, outreachKafka),
    close: () => stopAll(kafka, outreachKafka),
    state: () => (kafka || outreachKafka ? 'running' : 'off'),
  });

  lifecycle.add({
    name: 'demonstration',
    start: async () => {
      if (config.eventStoreUrl) return;
      const enrol = createEnrolCustomer(handler, personalData);
      credentials = await bootstrap(handler, dataDir, now(), async (context, customer) => {
        await enrol(customer, context);
      });
    },
  });

  lifecycle.add({
    name: 'http',
    start: async () => {
      http = openHttp({
        config,
        version,
        logger,
        metrics,
        lifecycle,
        handler,
        log,
        personalData,
        signing,
        arrivals,
        accepting,
        personalKeys,
        documents,
        tracing,
        takeReceipts: openTakeReceipts({ log, pool, logger, metrics, handler, now }),
        work: createReadModelWorkThreads(stores()),
        simulations: (simulations = createSimulationThreads(stores())),
        pool,
        feed,
        waiting,
        history: createHistory(client, codec),
        limitAge: createAgeLimit(client),
        hasRole,
        now,
      });
      await http.listener.start();
    },
    stopIntake: () => {
      removeReadyFile(dataDir);
      http?.listener.stopIntake();
    },
    drain: () => http?.listener.drain(),
    abort: () => http?.listener.abort(),
    close: async () => {
      await http?.jobs.stop();
      await simulations?.stop();
      await http?.listener.close();
    },
  });

  measureParts(metrics, lifecycle);
  await lifecycle.start();
  const url = config.publicUrl || http!.listener.url();
  const kopilka = { url, dataDir, credentials, postgresUrl: postgres!.url, failed };
  try {
    writeReadyFile(kopilka);
  } catch (error) {
    await lifecycle.stop('ready.json cannot be written');
    throw error;
  }
  return { ...kopilka, stop: (reason) => lifecycle.stop(reason) };
};

const stopAll = async (...parts: ({ stop(): Promise<void> } | null)[]): Promise<void> =>
  void (await Promise.all(parts.map((part) => part?.stop())));

/** Read models that are far behind go on catching up while requests are answered already. */
const withinPatience = async (caughtUp: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout;
  const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, catchUpPatienceMs)));
  await Promise.race([caughtUp, enough]).finally(() => clearTimeout(timer));
};
