/** DIR/ready.json: where this process answers and as whom one asks, for scripts, as long as it takes requests. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Credentials, writePrivately } from './bootstrap.js';

export interface ReadyProcess {
  readonly url: string;
  readonly dataDir: string;
  readonly credentials: Credentials | null;
  readonly postgresUrl: string | null;
}

const readyFile = (dataDir: string): string => join(dataDir, 'ready.json');

/** Readable by the owner alone. @throws what the file system says. */
export const writeReadyFile = ({ url, dataDir, credentials, postgresUrl }: ReadyProcess): void =>
  writePrivately(readyFile(dataDir), { url, pid: process.pid, postgresUrl, ...credentials });

/** None there is fine. */
export const removeReadyFile = (dataDir: string): void =>
  rmSync(readyFile(dataDir), { force: true });
