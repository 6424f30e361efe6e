/**
 * Pages of the log out of PostgreSQL, by key: each is one short query on a pooled connection, so no connection,
 * cursor or snapshot is held while a reader waits for its client.
 *
 * Invariant: a page never reaches beyond the published head it was asked with, and is bounded in rows and in bytes.
 */
import pg from 'pg';
import type { EventStoreOptions, Logger } from '../options.js';
import type { LinkTarget } from '../wire/linkFrames.js';
import type { EventParts } from '../wire/recordedEvent.js';
import { type Block, BlockBuilder } from './block.js';
import { BY_INDEX, connectionConfig, isStatementError } from './connection.js';
import { copyRows } from './copyRows.js';
import { type Head, loadHeads } from './heads.js';
import { backOff } from './pause.js';
import { targetsQuery } from './targets.js';

const CONNECTIONS_MAX = 4;
const IDLE_CONNECTION_MS = 30_000;
const RETRY_FOR_MS = 15_000;
/**
 * Most rows of a page, and the distance of the places where pages of $all end. The official client takes 64 KB at a time and
 * stands still until it is sent more: while the node is busy with 2,048 rows it stood still for a fifth of its time.
 */
export const PAGE_ROWS_MAX = 256;
/** A page ends with the event that brings its payload to this. */
export const PAGE_BYTES_MAX = 256 * 1024;
const FIRST_BUFFER_BYTES = 64 * 1024;

export interface PageRequest {
  /** Where it begins, inclusive: a position, or a revision if `stream` is given. */
  readonly from: number;
  readonly stream?: string;
  readonly backwards: boolean;
  readonly rowsMax: number;
  /** Position nothing may be beyond. */
  readonly head: number;
  /** Revisions below this are hidden. */
  readonly fromRevision?: number;
  /** Events created before this are hidden, epoch ms. */
  readonly fromCreatedMs?: number;
  /** Whether the block is to carry streams and types. */
  readonly named: boolean;
}

/** The SQL of a page, its columns in the order that `locate` expects. */
export const pageQuery = (page: PageRequest): string => {
  const key = page.stream === undefined ? 'position' : 'revision';
  const conditions = [
    `${key} ${page.backwards ? '<=' : '>='} ${page.from}`,
    `position <= ${page.head}`,
  ];
  if (page.stream !== undefined) conditions.push(`stream = ${pg.escapeLiteral(page.stream)}`);
  if (page.fromRevision !== undefined) conditions.push(`revision >= ${page.fromRevision}`);
  if (page.fromCreatedMs !== undefined) conditions.push(`created_ms >= ${page.fromCreatedMs}`);
  const order = `${key} ${page.backwards ? 'DESC' : 'ASC'}`;
  const columns = 'position, revision, created_ms, event_id, is_json, stream, type, data, metadata';
  return `
    SELECT ${columns} FROM (
      SELECT *, sum(octet_length(data) + octet_length(metadata))
        OVER (ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
      FROM (
        SELECT ${columns} FROM eventstore.events
        WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ${page.rowsMax}
      ) AS page
    ) AS sized
    WHERE bytes_before IS NULL OR bytes_before < ${PAGE_BYTES_MAX}
    ORDER BY ${order}`;
};

const readInt8 = (row: Buffer, at: number): number =>
  row.readInt32BE(at) * 0x1_0000_0000 + row.readUInt32BE(at + 4);

const parts = {} as EventParts;

/** Finds the parts of an event in a row of `pageQuery`'s columns. */
export const locate = (row: Buffer, start: number): EventParts => {
  let at = start + 4;
  parts.position = readInt8(row, at);
  parts.revision = readInt8(row, at + 12);
  parts.createdMs = readInt8(row, at + 24);
  parts.id = row;
  parts.idStart = at + 36;
  parts.isJson = row[at + 56] === 1;
  at += 57;
  parts.streamSource = row;
  parts.source = row;
  parts.streamStart = at + 4;
  parts.streamEnd = parts.streamStart + row.readInt32BE(at);
  parts.typeStart = parts.streamEnd + 4;
  parts.typeEnd = parts.typeStart + row.readInt32BE(parts.streamEnd);
  parts.dataStart = parts.typeEnd + 4;
  parts.dataEnd = parts.dataStart + row.readInt32BE(parts.typeEnd);
  parts.metadataStart = parts.dataEnd + 4;
  parts.metadataEnd = parts.metadataStart + row.readInt32BE(parts.dataEnd);
  return parts;
};

export class LogPages {
  private readonly pool: pg.Pool;
  /** Size of the last page read, to begin the next one's buffer with. */
  private lastBytes = FIRST_BUFFER_BYTES;

  constructor(
    postgres: EventStoreOptions['postgres'],
    private readonly logger: Logger,
  ) {
    this.pool = new pg.Pool({
      ...connectionConfig(postgres, 'reader'),
      max: CONNECTIONS_MAX,
      idleTimeoutMillis: IDLE_CONNECTION_MS,
      onConnect: async (client) => void (await client.query(BY_INDEX)),
    });
    this.pool.on('error', (error) =>
      logger.debug({ err: error }, 'an idle connection of the event log broke'),
    );
    // One that breaks while it is used fails its query; unheard, its event would end the thread as well.
    this.pool.on('connect', (client) => client.on('error', () => {}));
  }

  /** Reads a page; an empty block means that there is nothing (more). */
  async read(page: PageRequest): Promise<Block> {
    const query = pageQuery(page);
    const block = await this.withConnection(async (client) => {
      const builder = new BlockBuilder(Math.max(FIRST_BUFFER_BYTES, this.lastBytes + 16 * 1024));
      await copyRows(client, query, (row, at) => {
        const event = locate(row, at);
        if (!page.named) return builder.add(event);
        builder.addNamed(
          event,
          row.toString('utf8', event.streamStart, event.streamEnd),
          row.toString('utf8', event.typeStart, event.typeEnd),
        );
      });
      return builder;
    });
    this.lastBytes = block.starts.at(-1)!;
    return block;
  }

  /** Where streams end and what their metadata say. */
  heads(streams: readonly string[]): Promise<Map<string, Head>> {
    return this.withConnection((client) => loadHeads(client, streams));
  }

  /**
   * Reads single events, as many from the list's beginning as fit a page. `onEvent` gets each that there is, with its
   * index in the list; its parts are valid only during the call.
   */
  targets(
    targets: readonly LinkTarget[],
    head: number,
    onEvent: (event: EventParts, index: number) => void,
  ): Promise<void> {
    const query = targetsQuery(targets, head);
    return this.withConnection((client) =>
      copyRows(client, query, (row, at) => {
        const event = locate(row, at);
        onEvent(event, readInt8(row, event.metadataEnd + 4) - 1);
      }),
    );
  }

  stop(): Promise<void> {
    return this.pool.end();
  }

  /** Reading changes nothing, so a broken connection is simply tried again for a while. */
  private async withConnection<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const giveUpAt = Date.now() + RETRY_FOR_MS;
    for (let attempt = 0; ; attempt++) {
      let client: pg.PoolClient | undefined;
      try {
        client = await this.pool.connect();
        const result = await work(client);
        client.release();
        return result;
      } catch (error) {
        client?.release(!isStatementError(error));
        if (isStatementError(error) || this.pool.ending || Date.now() >= giveUpAt) throw error;
        this.logger.warn(
          { err: error, attempt },
          'the event log could not be read from PostgreSQL: trying again',
        );
        await backOff(attempt);
      }
    }
  }
}
