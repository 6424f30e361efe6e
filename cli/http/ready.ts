/**
 * What a running Kopilka leaves for scripts: DIR/ready.json with its address and the credentials made for this data directory, and
 * DIR/tenants/<tenant>.json with those of programmes that an import opened. Both are readable by their owner only.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exitCodes, Failure } from '../failure.js';

export interface Login {
  readonly login: string;
  readonly password: string;
}

export interface Ready {
  readonly url: string;
  readonly pid: number;
  readonly tenant: string;
  readonly tillToken: string;
  readonly operator: Login;
  /** Of the embedded database; absent where it is somebody else's. */
  readonly postgresUrl?: string;
}

/** Of one programme: its owner, and the tokens of tills by the till's id. */
export interface TenantCredentials {
  readonly tenant: string;
  readonly operator: Login;
  readonly tills: Readonly<Record<string, string>>;
  /** The programme may not have been opened yet: it was asked for, and no answer came. */
  readonly pending?: boolean;
}

const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Failure(`${file} cannot be read: ${(error as Error).message}`, {
      exitCode: exitCodes.usage,
    });
  }
};

/** Null where nothing was ever started on this directory. */
export const readReady = (dataDir: string): Ready | null =>
  readJson(join(dataDir, 'ready.json')) as Ready | null;

const tenantFile = (dataDir: string, tenant: string): string =>
  join(dataDir, 'tenants', `${tenant}.json`);

export const readTenantCredentials = (dataDir: string, tenant: string): TenantCredentials | null =>
  readJson(tenantFile(dataDir, tenant)) as TenantCredentials | null;

export const writeTenantCredentials = (dataDir: string, credentials: TenantCredentials): string => {
  const file = tenantFile(dataDir, credentials.tenant);
  writePrivately(file, credentials);
  return file;
};

/** Whole or not at all, and never readable by others in between. */
export const writePrivately = (file: string, content: unknown): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
};
