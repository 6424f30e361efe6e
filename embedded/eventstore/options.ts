/**
 * What an embedded event store is started with and what it gives back; the same whether it runs in the caller's
 * thread or in one of its own.
 */
import type { ClientConfig } from 'pg';
import type { Logger } from '../logger.js';
import type { LinkIndexName } from './links/linkIndex.js';
import type { StoredUser } from './security/users.js';

export { type Logger, silentLogger } from '../logger.js';

export interface StorageOptions {
  /** A folder on the disk that PostgreSQL keeps the log on. */
  readonly folder: string;
  /** Appends are refused while less than this is free there. */
  readonly reserveBytes: number;
  /** Asks for the free bytes; the operating system unless told. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

export interface SecurityOptions {
  /** PEM; must also name the host that this machine reaches the node by, `localhost` unless it listens elsewhere. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  /** File of the certificate authority, for the connection string; without, the client's own are trusted. */
  readonly authorityFile?: string | undefined;
  readonly users: readonly StoredUser[];
}

export interface EventStoreOptions {
  /** The PostgreSQL database that holds the log: a connection string or pg's settings. */
  readonly postgres: string | ClientConfig;
  /** Address to listen on. */
  readonly host?: string;
  /** Port to listen on; 0 takes any that is free. */
  readonly port?: number;
  /** How long to wait for another node, just killed perhaps, to release the database, ms. */
  readonly lockWaitMs?: number;
  /** Watches the room on the log's disk; where it is not known, PostgreSQL's own refusal is all there is. */
  readonly storage?: StorageOptions;
  /** Streams of links to keep, as EventStoreDB's system projections do; none unless told. */
  readonly links?: readonly LinkIndexName[];
  /** TLS, users and access control; without, the node serves this machine alone, in the clear. */
  readonly security?: SecurityOptions | undefined;
  readonly logger?: Logger;
}

export interface RunningEventStore {
  readonly port: number;
  /** For `EventStoreDBClient.connectionString`; of a secured node it holds a password of this process. */
  readonly connectionString: string;
  /** Answers what it has taken in, ends subscriptions and closes. Safe to call twice. */
  stop(): Promise<void>;
}

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_LOCK_WAIT_MS = 10_000;
