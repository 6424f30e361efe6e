/**
 * What a start needs of this machine, asked before anything is begun: a free port, and a folder that can be written to. Without
 * asking first, a taken port would be found when the stores run already and a new folder has been filled for nothing.
 */
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { readReady } from './http/ready.js';

interface Wanted {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
}

/** @throws an error with the code of the system (EADDRINUSE, EACCES, ENOTDIR …) and with what adviceOnStart() needs. */
export const assertStartable = async ({ dataDir, host, port }: Wanted): Promise<void> => {
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

/** What to do next about an error of a start, undefined where its message says so itself. */
export const adviceOnStart = (error: unknown, { dataDir, port }: Wanted): string | undefined => {
  const { code, name } = error as NodeJS.ErrnoException;
  if (name === 'DataDirectoryInUse') return undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `${alreadyRunning(dataDir, port)}Choose another port with --port N, or --port 0 for any free one.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'Name an address of this machine with --host, such as 127.0.0.1 or 0.0.0.0.';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'Choose a folder that you may write to with --data DIR, and a port above 1023.';
    case 'ENOTDIR':
    case 'ENOENT':
      return 'Choose a folder that can be made and written to with --data DIR.';
    default:
      return 'The log above tells more; with --log-level debug it tells most.';
  }
};

/** Who starts twice has most likely forgotten the first one. */
const alreadyRunning = (dataDir: string, port: number): string => {
  const ready = readReady(dataDir);
  if (!ready || new URL(ready.url).port !== String(port) || !isAlive(ready.pid)) return '';
  return `Kopilka seems to run on ${dataDir} already: open ${ready.url}/docs. `;
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
