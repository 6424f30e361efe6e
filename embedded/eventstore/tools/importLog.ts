/**
 * Restores an archive exactly: positions, revisions, ids, times and bytes are those of the file.
 *
 * Invariant: the whole file is verified before the first event is written, and events are written in its order, each
 * chunk in one transaction, so what is there of a broken-off import is a beginning of the file, and the same import
 * goes on after it. A log that holds anything else is refused.
 */
import type pg from 'pg';
import { readArchive, type ReadChunk } from '../archive/archiveFile.js';
import { type LoggedEvent, readEventLine } from '../archive/eventLine.js';
import { ArchiveFault, type ArchiveHeader } from '../archive/format.js';
import { closeClient, isStatementError } from '../log/connection.js';
import type { EventStoreOptions } from '../options.js';
import { openAsWriter } from './connection.js';
import { insertEvents } from './eventRows.js';
import { eventKey } from './logRows.js';
import { Overlap } from './overlap.js';
import { isUnfinished, markFinished, markUnfinished } from './unfinishedImport.js';

export interface ImportOptions {
  readonly path: string;
  readonly postgres: EventStoreOptions['postgres'];
  /** How long to wait for a node that is just stopping, ms. */
  readonly lockWaitMs?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onChecked?: ((share: number, events: number) => void) | undefined;
  readonly onProgress?: ((share: number, events: number) => void) | undefined;
}

export interface ImportResult {
  readonly complete: boolean;
  readonly header: ArchiveHeader;
  readonly written: number;
  /** Were there before. */
  readonly present: number;
}

const LOCK_WAIT_MS = 3_000;

/** Reads the whole archive and verifies every mark. @throws ArchiveFault */
export const checkArchive = async (
  path: string,
  { signal, onProgress }: Pick<ImportOptions, 'signal' | 'onProgress'> = {},
): Promise<{ readonly header: ArchiveHeader; readonly events: number } | undefined> => {
  const chunks = readArchive(path);
  let events = 0;
  for (;;) {
    const next = await chunks.next();
    if (next.done) return { header: next.value, events };
    events += next.value.lines.length;
    onProgress?.(next.value.share, events);
    if (signal?.aborted) {
      await chunks.return(next.value.header);
      return undefined;
    }
  }
};

/**
 * @throws ArchiveFault for a file that is not what was written (nothing is written then), StoreRefused for a log with
 * other content, LogIsTaken while a node has the log open
 */
export const importLog = async (options: ImportOptions): Promise<ImportResult | undefined> => {
  const { path, postgres, signal, onChecked, lockWaitMs = LOCK_WAIT_MS } = options;
  const checked = await checkArchive(path, { signal, onProgress: onChecked });
  if (!checked) return undefined;
  const client = await openAsWriter(postgres, 'import', lockWaitMs);
  try {
    // What a power failure takes of the last moments is imported again; the end waits for all of it.
    await client.query('SET synchronous_commit = off');
    return await restore(client, options);
  } finally {
    await closeClient(client);
  }
};

const restore = async (
  client: pg.Client,
  { path, signal, onProgress }: ImportOptions,
): Promise<ImportResult> => {
  const before = await eventKey(client);
  const goesOn = await isUnfinished(client);
  const store = new Overlap(client, before);
  let written = 0;
  let writing: Promise<void> | undefined;
  let header: ArchiveHeader | undefined;
  const chunks = readArchive(path);
  const tally = () => ({ written, present: store.present });
  for (;;) {
    const next = await chunks.next();
    if (next.done) {
      await writing;
      store.finish();
      if (written > 0 || goesOn) await finish(client);
      return { complete: true, header: next.value, ...tally() };
    }
    header = next.value.header;
    if (!store.isOpen) await store.begin(header);
    const events = parsed(next.value, store.lastSeen);
    const fresh = await store.rest(events);
    await writing;
    if (signal?.aborted) {
      await chunks.return(header);
      return { complete: false, header, ...tally() };
    }
    onProgress?.(next.value.share, written + store.present);
    if (fresh.length === 0) continue;
    if (written === 0) await markUnfinished(client);
    written += fresh.length;
    writing = insert(client, fresh, next.value);
    writing.catch(() => {}); // awaited above, after the next chunk was parsed
  }
};

const insert = async (
  client: pg.Client,
  events: readonly LoggedEvent[],
  { firstLine, lines }: ReadChunk,
): Promise<void> => {
  try {
    await insertEvents(client, events);
  } catch (error) {
    if (!isStatementError(error)) throw error;
    const { message, detail } = error as Error & { detail?: string };
    const reason = `one of ${lines.length} events from here on cannot be stored: ${detail ?? message}`;
    throw new ArchiveFault(firstLine, reason);
  }
};

/** All that was written becomes durable with the last commit. */
const finish = async (client: pg.Client): Promise<void> => {
  await client.query('SET synchronous_commit = on');
  await markFinished(client);
  // So that the node's reads by index alone need not visit the table from the first moment on.
  await client.query('VACUUM (ANALYZE) eventstore.events');
};

const parsed = ({ lines, firstLine }: ReadChunk, lastPosition: number): LoggedEvent[] => {
  let before = lastPosition;
  return lines.map((line, i) => {
    try {
      const event = readEventLine(line.toString('utf8'));
      if (event.position <= before) throw new Error('"position" does not rise');
      before = event.position;
      return event;
    } catch (error) {
      throw new ArchiveFault(firstLine + i, (error as Error).message);
    }
  });
};
