/**
 * What a start needs of this machine, asked before anything is begun: a free port, and a folder that can be written to. Without
 * asking first, a taken port would be found when the stores run already and a new folder has been filled for nothing.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../platform/config.js';
import type { Wanted } from './startFault.js';

/** @throws ConfigError where it cannot be appended to: the log would end the process later, by itself. */
export const assertLogFile = (logFile: string): void => {
  if (logFile === '') return;
  try {
    const file = resolve(logFile);
    makeFolder(dirname(file));
    closeSync(openSync(file, 'a'));
  } catch (error) {
    throw new ConfigError([`--log-file: ${(error as Error).message}`]);
  }
};

/** @throws an error with the code of the system (EADDRINUSE, EACCES, ENOTDIR …) and with what startFaultOf() needs. */
export const assertStartable = async ({
  dataDir,
  host,
  port,
}: Pick<Wanted, 'dataDir' | 'host' | 'port'>): Promise<void> => {
  if (port !== 0) await assertFree(host, port);
  const folder = resolve(dataDir);
  makeFolder(folder);
  accessSync(folder, constants.W_OK | constants.X_OK);
};

const assertFree = (host: string, port: number): Promise<void> =>
  new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen({ host, port }, () => server.close(() => done()));
  });

/** Folder by folder: asked for all of them at once, Node tries without end where the system can make none (/proc). */
const makeFolder = (folder: string): void => {
  if (!existsSync(folder)) {
    makeFolder(dirname(folder));
    try {
      mkdirSync(folder);
    } catch (error) {
      // Somebody else may have made it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  if (!statSync(folder).isDirectory()) {
    throw Object.assign(new Error(`${folder} is a file, not a folder`), { code: 'ENOTDIR' });
  }
  accessSync(folder, constants.X_OK);
};
