/**
 * Where the server listens: a socket for Kopilka itself (faster than TCP) and 127.0.0.1 for people with psql.
 *
 * A socket's path has at most 107 characters, so a deep data directory gets a folder below the temporary one.
 * The port is kept in the data directory and used again as long as it is free.
 */
import { randomInt } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provideFolder, providePrivateFolder } from './folders.js';
import { shortHash, type Placement } from './placement.js';

const longestSocketPath = 103; // macOS; Linux has 107
const longestSocketName = '.s.PGSQL.65535'.length;

const fits = (folder: string): boolean =>
  Buffer.byteLength(folder) + 1 + longestSocketName <= longestSocketPath;

export interface SocketFolder {
  readonly path: string;
  /** Clears what a killed server left in it: its socket and the lock on that, by which a reused pid would bar the way. */
  clear(): void;
  /** Removes a folder that lies outside of the data directory. */
  remove(): void;
}

export const provideSocketFolder = ({ account, home }: Placement): SocketFolder => {
  const clear = (path: string) => {
    for (const name of readdirSync(path)) rmSync(join(path, name), { force: true });
  };
  const inside = join(home, 'socket');
  if (fits(inside)) {
    rmSync(inside, { recursive: true, force: true });
    provideFolder(inside, account, 0o700);
    return { path: inside, clear: () => clear(inside), remove: () => {} };
  }
  for (const parent of [tmpdir(), '/tmp']) {
    const wanted = join(parent, `kopilka-${shortHash(home)}`);
    if (!fits(`${wanted}-XXXXXX`)) continue;
    const path = providePrivateFolder(wanted, account, 0o700);
    clear(path);
    const remove = () => rmSync(path, { recursive: true, force: true });
    return { path, clear: () => clear(path), remove };
  }
  throw new Error(
    `No folder is short enough for a socket: ${inside} and ${tmpdir()} are too long.`,
  );
};

const listenOn = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });

/**
 * Below those that the system gives to whoever calls somebody (from 32,768 on Linux): a server that was killed is started again on its
 * port, and in between it must not be another's by chance.
 */
const [lowestPort, highestPort] = [20_000, 32_000];
const quietTries = 10;

const quietPort = async (): Promise<number> => {
  for (let tries = 0; tries < quietTries; tries += 1) {
    const port = await listenOn(randomInt(lowestPort, highestPort)).catch(() => null);
    if (port !== null) return port;
  }
  return listenOn(0);
};

/** The port of the last run if it is free, else a free one; written down for the next run. */
export const choosePort = async (dataDir: string): Promise<number> => {
  const record = join(dataDir, 'port');
  const last = existsSync(record) ? Number.parseInt(readFileSync(record, 'utf8'), 10) : 0;
  const port =
    last > 0 && last < 65_536 ? await listenOn(last).catch(quietPort) : await quietPort();
  if (port !== last) writeFileSync(record, `${port}\n`);
  return port;
};
