/**
 * Writes a log into an archive: the embedded one straight from its table, by the exact bytes and at many times the rate
 * of reading through a node, whether a node is running or not; any other through a source of the same shape.
 *
 * Invariant: the export reaches to the event that was the log's last when it began, also when it is resumed later.
 */
import { openPart } from '../archive/archiveFile.js';
import { ArchiveComposer } from '../archive/composer.js';
import type { LoggedEvent } from '../archive/eventLine.js';
import {
  ARCHIVE_FORMAT,
  ARCHIVE_VERSION,
  type ArchiveHeader,
  type EventKey,
} from '../archive/format.js';
import type { EventStoreOptions } from '../options.js';
import { lockForExport, openTool, requireLog, StoreRefused } from './connection.js';
import { type Counts, countBetween, eventKey, walkLog } from './logRows.js';

/** A log that can be exported. */
export interface LogSource {
  /** Kind of the server, for the header. */
  readonly kind: string;
  /** The event at this position, the last one for undefined. */
  key(position?: number): Promise<EventKey | undefined>;
  /** Null when counting would mean reading. */
  count(after: number, last: number): Promise<Counts | null>;
  /** As `walkLog`. */
  walk(
    range: { readonly after: number; readonly last: number },
    onEvent: (event: LoggedEvent) => void,
    afterPage: () => Promise<boolean>,
  ): Promise<void>;
  close(): Promise<void>;
}

/** The embedded log. @throws NoLog, StoreRefused */
export const openTableSource = async (
  postgres: EventStoreOptions['postgres'],
): Promise<LogSource> => {
  const client = await openTool(postgres, 'export');
  try {
    await requireLog(client);
    await lockForExport(client);
  } catch (error) {
    await client.end();
    throw error;
  }
  return {
    kind: 'kopilka',
    key: (position) => eventKey(client, position),
    count: (after, last) => countBetween(client, after, last),
    walk: (range, onEvent, afterPage) => walkLog(client, range, onEvent, afterPage),
    close: () => client.end(),
  };
};

export interface ExportOptions {
  readonly path: string;
  readonly gzipped: boolean;
  /** Go on with what an export to the same path left. */
  readonly resume: boolean;
  /** Export only what comes after this position. */
  readonly after?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** `share` from 0 to 1; `events` of this run. */
  readonly onProgress?: ((share: number, events: number) => void) | undefined;
}

export interface ExportResult {
  /** False when it was stopped: it can be resumed. */
  readonly complete: boolean;
  readonly header: ArchiveHeader;
  /** In the archive so far. */
  readonly events: number;
}

/** @throws StoreRefused where there is nothing to export, or nothing to go on with */
export const exportLog = async (
  source: LogSource,
  options: ExportOptions,
): Promise<ExportResult> => {
  // Asked for first, so that a log without anything to export leaves no file.
  const fresh = options.resume ? undefined : await newHeader(source, options.after);
  const part = await openPart(options.path, options);
  try {
    const { resumed } = part;
    const header = resumed?.header ?? fresh ?? (await newHeader(source, options.after));
    if (resumed) await requireSameLog(source, header);
    const composer = resumed
      ? ArchiveComposer.resume(resumed.state)
      : ArchiveComposer.begin(header);
    const after = resumed?.state.lastPosition ?? header.after?.position ?? 0;
    const keepUp = progressOf(header, composer, options.onProgress);
    let last = after;
    await source.walk(
      { after, last: header.last.position },
      (event) => {
        composer.add(event);
        last = event.position;
      },
      async () => {
        const text = composer.take();
        if (text) await part.write(text);
        keepUp(last);
        return !options.signal?.aborted;
      },
    );
    const complete = last === header.last.position;
    if (!complete && !options.signal?.aborted) {
      throw new StoreRefused(`The log ends at ${last}, before ${header.last.position}.`);
    }
    if (!complete) await part.close();
    else {
      await part.write(composer.finish());
      await part.finish();
    }
    return { complete, header, events: composer.eventCount };
  } catch (error) {
    await part.close().catch(() => {});
    throw error;
  }
};

const newHeader = async (
  source: LogSource,
  afterPosition: number | undefined,
): Promise<ArchiveHeader> => {
  const last = await source.key();
  if (!last) throw new StoreRefused('The log is empty: there is nothing to export.');
  const after = afterPosition === undefined ? null : await source.key(afterPosition);
  if (after === undefined) {
    throw new StoreRefused(
      `There is no event at position ${afterPosition} to go on after: name the last position of the archive before, or export the whole log.`,
    );
  }
  if (after && after.position >= last.position) {
    throw new StoreRefused(`There is nothing after position ${after.position} yet.`);
  }
  const counts = await source.count(after?.position ?? 0, last.position);
  return {
    kopilka: ARCHIVE_FORMAT,
    version: ARCHIVE_VERSION,
    source: source.kind,
    after,
    last,
    events: counts?.events ?? null,
    streams: counts?.streams ?? null,
  };
};

const requireSameLog = async (source: LogSource, { last }: ArchiveHeader): Promise<void> => {
  const found = await source.key(last.position);
  if (found?.id === last.id) return;
  throw new StoreRefused(
    `What was exported so far is of another log (it reaches to event ${last.id} at position ${last.position}): begin anew.`,
  );
};

const progressOf = (
  { events, after, last }: ArchiveHeader,
  composer: ArchiveComposer,
  onProgress: ExportOptions['onProgress'],
) => {
  const before = composer.eventCount;
  const from = after?.position ?? 0;
  return (position: number): void => {
    const done = composer.eventCount;
    const share =
      events === null ? (position - from) / (last.position - from) : done / Math.max(events, 1);
    onProgress?.(Math.min(share, 1), done - before);
  };
};
