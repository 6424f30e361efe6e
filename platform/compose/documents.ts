/**
 * The store of documents and whoever fills it. Both sleep until the first publication or delivery is in the log: a Kopilka without an
 * exchange starts no thread and loads no driver for them.
 *
 * Where no MongoDB is named, the embedded one holds them in memory, for this process alone, and is filled from the log each time; so a
 * process that answers searches fills its own. Should its thread end by itself, it is started and filled again, and tills notice nothing.
 */
import { once } from 'node:events';
import type { Db } from 'mongodb';
import { startMongoThread } from '../../embedded/mongo/startThread.js';
import type { Position } from '../../domain/fact.js';
import { documentProjections, documentTriggers } from '../../projections/documents/all.js';
import { readDocumentCheckpoint } from '../../projections/documents/checkpoints.js';
import { passedOver } from '../../projections/documents/passedOver.js';
import { createReached, type Reached } from '../../projections/documents/reached.js';
import { DocumentsNotReady } from '../../projections/documents/reading.js';
import type { Feed } from '../../projections/feed.js';
import { backOffMs, pause } from '../../projections/pause.js';
import { ProjectionBehind } from '../../projections/waiting.js';
import type { Config } from '../config.js';
import type { PartState } from '../lifecycle.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import { type DocumentStore, measureMongo, openDocumentStore } from '../mongo/client.js';
import { type AskDocuments, createAskAtOnce, createAskDocuments } from './documentsAsked.js';
import { openTurnsMemory, type TurnsMemory } from './givingWay.js';
import { startProjectionsThread } from './projectionsThread.js';

export interface Documents {
  /** Null: nothing was ever published or delivered. @throws DocumentsNotReady while that is not known yet, or the store is started. */
  db(): Promise<Db | null>;
  /** As `db`, but waits for it to be filled; five seconds unless told. */
  readonly ask: AskDocuments;
  readonly askAtOnce: AskDocuments;
  /** Whether it is not known yet that anything was published or delivered. */
  isLooking(): boolean;
  /** @throws ProjectionBehind after the deadline. */
  waitFor(projection: string, position: Position, deadlineMs: number): Promise<void>;
  ready(): Promise<true | string>;
  state(): PartState;
  /** Twice is safe. */
  stop(): Promise<void>;
}

export interface DocumentsParts {
  readonly config: Pick<Config, 'mongodbUrl'>;
  /** Of the log. */
  readonly connectionString: string;
  readonly feed: Feed;
  /** Left out: nobody else is there. */
  readonly turns?: TurnsMemory;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Searches are answered here. */
  readonly answers: boolean;
  /** Read models are filled here. */
  readonly fills: boolean;
  /** Without a MongoDB that is named this process is not ready. One that takes receipts goes on without searches. */
  readonly gates: boolean;
  /** How long whoever asks waits for it to be filled, milliseconds. */
  readonly patienceMs?: number;
}

/** Where the documents are, as long as somebody is there. */
interface Place {
  asleep: boolean;
  /** Asleep, and the log was not looked through yet: there may be something. */
  looking: boolean;
  address: string | null;
  store: Promise<DocumentStore> | null;
}

const outOfMemory = 'ERR_WORKER_OUT_OF_MEMORY';
const retry = { firstMs: 1_000, mostMs: 60_000 } as const;
/** As for a position. */
const patienceMs = 5_000;
/** Nobody waits for longer, and a log may be long. */
const passedOverMs = 5_000;

/** Starts to watch the log where it fills; everything else when it is needed. */
export const openDocuments = (parts: DocumentsParts): Documents => {
  const { config, answers, fills, gates, logger, metrics } = parts;
  const embedded = config.mongodbUrl === '';
  const works = embedded ? answers : fills;
  const measures = measureMongo(metrics);
  const place: Place = {
    asleep: embedded,
    looking: embedded && works,
    address: embedded ? null : config.mongodbUrl,
    store: null,
  };
  metrics.gauge({
    name: 'kopilka_documents_open',
    help: 'Whether searches have a store to ask, or none is needed yet.',
    collect() {
      this.set(place.asleep || place.address !== null ? 1 : 0);
    },
  });
  const connected = async (): Promise<DocumentStore | null> => {
    if (place.looking) throw new DocumentsNotReady('The store of documents');
    if (place.asleep) return null;
    if (place.address === null) throw new DocumentsNotReady('The store of documents');
    return (place.store ??= openDocumentStore(place.address, {
      applicationName: 'kopilka',
      measures,
    }));
  };
  const look = async (name: string): Promise<Position> => {
    const projection = documentProjections.find((one) => one.name === name);
    const store = await connected();
    if (!store || !projection) return 0n;
    return (await readDocumentCheckpoint(store.db, projection))?.position ?? 0n;
  };
  /** While it sleeps, nothing comes to any of them before the first fact that wakes it. */
  const typesFor = (name: string): readonly string[] =>
    place.asleep
      ? documentTriggers
      : (documentProjections.find((one) => one.name === name)?.eventTypes ?? []);
  const reached = createReached(works ? null : look, async (name, from, signal) => {
    // It is being looked through for all of them already.
    if (place.looking) return null;
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(passedOverMs)]);
    return passedOver(parts.feed, typesFor(name), from, inTime);
  });
  const stopping = new AbortController();
  const running = works
    ? fill(parts, place, reached, stopping.signal).catch((error: unknown) =>
        logger.error({ err: error }, 'the store of documents was given up'),
      )
    : Promise.resolve();
  const db = async () => (await connected())?.db ?? null;
  const head = () => parts.feed.head();
  const waitFor: Documents['waitFor'] = async (name, position, deadlineMs) => {
    try {
      await reached.waitFor(name, position, deadlineMs);
    } catch (error) {
      if (!(error instanceof ProjectionBehind)) throw error;
      const end = await head().catch(() => null);
      throw new ProjectionBehind(name, position, deadlineMs, whyBehind(place, position, end));
    }
  };
  return {
    db,
    ask: createAskDocuments({
      db,
      head,
      stopping: stopping.signal,
      patienceMs: parts.patienceMs ?? patienceMs,
    }),
    askAtOnce: createAskAtOnce({ db }),
    isLooking: () => place.looking,
    state: () => {
      if (!answers && !fills) return 'off';
      if (place.looking) return 'starting';
      if (place.asleep) return 'asleep';
      return place.address === null ? 'restarting' : 'running';
    },
    waitFor,
    ready: async () => {
      if (!embedded && gates && (answers || fills)) await (await connected())?.ping();
      return true;
    },
    stop: async () => {
      stopping.abort();
      reached.close();
      await running;
      await letGo(place);
    },
  };
};

/** @param end of the log; null: it is not known. */
const whyBehind = (place: Place, position: Position, end: Position | null): string | null => {
  if (end !== null && end < position)
    return `the log ends at ${end}. Give the \`position\` of an answer.`;
  if (place.looking) return 'the log is looked through after a start. Send the request again.';
  if (!place.asleep && place.address === null)
    return 'the store of documents is being started. Send the request again.';
  return null;
};

const letGo = async (place: Place): Promise<void> => {
  const { store } = place;
  place.store = null;
  await (await store?.catch(() => undefined))?.close();
};

/** Until the signal aborts. */
const fill = async (
  parts: DocumentsParts,
  place: Place,
  reached: Reached,
  signal: AbortSignal,
): Promise<void> => {
  // Who names a MongoDB has others that ask it, and cannot know whether anything is to come.
  if (place.asleep) await untilNeeded(parts.feed, place, reached, signal);
  let share = 1;
  for (let failures = 0; !signal.aborted;) {
    Object.assign(place, { asleep: false, looking: false });
    const started = performance.now();
    const error = await runOnce(parts, place, reached, share, signal).catch(
      (failure: unknown) => failure,
    );
    if (signal.aborted) return;
    // Larger documents than most: fewer of them find room.
    if ((error as { code?: unknown } | null)?.code === outOfMemory) share /= 2;
    failures = performance.now() - started > retry.mostMs ? 1 : failures + 1;
    parts.logger.error(
      { err: error, failures, share },
      'the store of documents ended: it is started again',
    );
    await pause(backOffMs(failures, retry.firstMs, retry.mostMs), signal);
  }
};

const untilNeeded = async (
  feed: Feed,
  place: Place,
  reached: Reached,
  signal: AbortSignal,
): Promise<void> => {
  const watching = new AbortController();
  const asleep = AbortSignal.any([signal, watching.signal]);
  const filter = { eventTypes: documentTriggers };
  const announce = (position: Position): void => {
    for (const { name } of documentProjections) reached.announce(name, position);
  };
  const end = await feed.head().catch(() => null);
  for await (const item of feed.subscribe({ from: null, filter, signal: asleep })) {
    if (item.kind === 'fact') break;
    if (item.kind === 'checkpoint') {
      announce(item.position);
      continue;
    }
    place.looking = false;
    if (end !== null) announce(end);
  }
  watching.abort();
};

/** Answers with what ended it; nothing where it was stopped. */
const runOnce = async (
  { config, connectionString, turns = openTurnsMemory(), logger, metrics }: DocumentsParts,
  place: Place,
  reached: Reached,
  share: number,
  signal: AbortSignal,
): Promise<unknown> => {
  let end = (_error: unknown): void => undefined;
  const ended = new Promise<unknown>((resolve) => (end = resolve));
  const mongo = config.mongodbUrl === '' ? await startMongoThread({ logger, onCrash: end }) : null;
  const mongoUrl = mongo?.connectionString ?? config.mongodbUrl;
  const thread = startProjectionsThread({
    store: 'documents',
    settings: { connectionString, mongoUrl, turns, share: mongo ? share : null },
    logger,
    metrics,
    onCrash: end,
  });
  thread.advanced.subscribe(({ projections, position }) => {
    for (const projection of projections) reached.announce(projection, position);
  });
  place.address = mongoUrl;
  try {
    const stopped = signal.aborted ? null : once(signal, 'abort').then(() => undefined);
    return await Promise.race([ended, stopped]);
  } finally {
    if (mongo) place.address = null;
    await letGo(place);
    await thread.stop();
    await mongo?.stop();
  }
};
