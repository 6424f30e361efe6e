/**
 * The server's settings, written to postgresql.conf before each start; `local.conf` beside it comes last and is
 * the operator's. Nothing trades durability for speed: a commit that was answered survives a power failure.
 */
import { chownSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Placement } from './placement.js';

export type PostgresSettings = Readonly<Record<string, string | number>>;

const defaults: PostgresSettings = {
  fsync: 'on',
  synchronous_commit: 'on',
  // No replicas of an embedded server: the log need carry no more than recovery wants.
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_logical_replication_workers: 0,
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  shared_buffers: '256MB',
  // What was written is brought to the disk little by little: Linux by itself does so after half a minute, hundreds of megabytes at once,
  // and commits wait meanwhile.
  backend_flush_after: '512kB',
  // Tidying up has a processor for a quarter of a millisecond at a time, not for a whole one: on two of them somebody waits for it.
  autovacuum_vacuum_cost_limit: 50,
  max_connections: 80,
  jit: 'off', // short statements: compiling them costs more than it saves
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  password_encryption: 'scram-sha-256',
  log_line_prefix: '%m [%p] %q%d ',
  log_checkpoints: 'off',
  log_min_duration_statement: '2s',
  logging_collector: 'on',
  log_filename: 'postgres-%Y%m%d-%H%M%S.log',
  log_rotation_age: '1d',
  log_rotation_size: '10MB',
  log_file_mode: '0600',
};

export interface Endpoint {
  readonly socketFolder: string;
  readonly port: number;
}

const quoted = (value: string | number): string =>
  typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`;

/** Replaces postgresql.conf as a whole. Where the server listens and logs is not for overrides to say. */
export const writeSettings = (
  { account, cluster, home }: Placement,
  { socketFolder, port }: Endpoint,
  overrides: PostgresSettings,
): void => {
  const settings: PostgresSettings = {
    ...defaults,
    ...overrides,
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    log_directory: join(home, 'log'),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${quoted(value)}`);
  const text = [
    '# Written by Kopilka before each start: put settings of your own into local.conf.',
    ...lines,
    "include_if_exists 'local.conf'",
    '',
  ].join('\n');
  const replace = (name: string, content: string): void => {
    const path = join(cluster, name);
    writeFileSync(`${path}.partial`, content, { mode: 0o600 });
    if (account !== undefined) chownSync(`${path}.partial`, account.uid, account.gid);
    renameSync(`${path}.partial`, path);
  };
  replace('postgresql.conf', text);
  if (!existsSync(join(cluster, 'local.conf'))) {
    replace('local.conf', '# Settings of your own: they come last and win.\n');
  }
};
