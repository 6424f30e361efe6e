/**
 * Where the cluster and the programs lie, and who runs them.
 *
 * Normally the home of the cluster is the data directory itself and the programs are those of node_modules.
 * Root has to hand PostgreSQL to another user; if that user cannot reach one of the two, it goes to
 * /var/lib/kopilka (or the temporary folder), and `cluster-location` in the data directory says where.
 * The file `owner` in such a home names its data directory, so that a copied data directory is not mistaken for
 * the first one.
 */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, statSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canReach, canWriteIn, chooseAccount, isRoot, type Account } from './account.js';
import { copiedBinaries, installedBinaries, locatePackage, type Binaries } from './binaries.js';
import { provideFolder, providePrivateFolder } from './folders.js';
import type { EmbeddedPostgresLogger } from './logger.js';

export interface Placement {
  readonly account: Account;
  readonly binaries: Binaries;
  /** Holds cluster/, log/ and the lock. */
  readonly home: string;
  readonly cluster: string;
}

export const shortHash = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 16);

const systemFolder = '/var/lib/kopilka';

/** A folder outside of the data directory that the account can pass through and only we can write to. */
const outsideFolder = (account: Account): string => {
  if (isRoot()) {
    try {
      mkdirSync(systemFolder, { recursive: true, mode: 0o755 });
      if (canReach(account, systemFolder)) return systemFolder;
    } catch {
      // a read-only system: the temporary folder serves
    }
  }
  return providePrivateFolder(join(tmpdir(), `kopilka-${process.getuid?.()}`), undefined, 0o755);
};

const recordedHome = (dataDir: string): string | undefined => {
  const record = join(dataDir, 'cluster-location');
  return existsSync(record) ? readFileSync(record, 'utf8').trim() : undefined;
};

const refuseForeignHome = (home: string, dataDir: string): void => {
  const record = join(home, 'owner');
  if (!existsSync(record)) return;
  const owner = readFileSync(record, 'utf8').trim();
  if (owner !== dataDir && recordedHome(owner) === home) {
    throw new Error(
      `${dataDir} is a copy of ${owner}: both name the cluster ${home}. ` +
        `Delete ${join(dataDir, 'cluster-location')} to begin an empty cluster for the copy.`,
    );
  }
};

const homeOutside = (dataDir: string, account: Account): string => {
  const home = join(outsideFolder(account), shortHash(dataDir));
  provideFolder(home, undefined, 0o711);
  writeFileSync(join(home, 'owner'), `${dataDir}\n`);
  writeFileSync(join(dataDir, 'cluster-location'), `${home}\n`);
  return home;
};

const serves = (home: string, account: Account): boolean => {
  const logFolder = join(home, 'log');
  provideFolder(logFolder, account, 0o700);
  return canWriteIn(account, logFolder);
};

/** The data directory itself is ours: others may pass through it, not list it. Folders above it are not ours. */
const letPassThrough = (dataDir: string): void => {
  const { mode, uid } = statSync(dataDir);
  if (uid === process.getuid?.()) chmodSync(dataDir, (mode & 0o777) | 0o011);
};

const chooseHome = (dataDir: string, account: Account, logger: EmbeddedPostgresLogger): string => {
  if (account !== undefined) letPassThrough(dataDir);
  if (serves(dataDir, account)) return dataDir;
  const home = homeOutside(dataDir, account);
  if (!serves(home, account)) {
    throw new Error(`The user that runs PostgreSQL (uid ${account?.uid}) cannot write to ${home}.`);
  }
  logger.info(
    { dataDir, home },
    'PostgreSQL cannot reach the data directory: its cluster is kept apart',
  );
  return home;
};

/**
 * Decides and prepares the place of the cluster for this data directory (an existing, absolute path).
 * @throws when the cluster belongs to another data directory or nothing can be reached.
 */
export const placeCluster = (dataDir: string, logger: EmbeddedPostgresLogger): Placement => {
  const recorded = recordedHome(dataDir);
  if (recorded !== undefined) refuseForeignHome(recorded, dataDir);
  const account = chooseAccount(join(recorded ?? dataDir, 'cluster'));
  const home = recorded ?? chooseHome(dataDir, account, logger);
  if (recorded !== undefined) {
    provideFolder(home, undefined, 0o711);
    writeFileSync(join(home, 'owner'), `${dataDir}\n`);
    serves(home, account);
  }
  const source = locatePackage();
  let binaries = installedBinaries(source, account);
  if (binaries === undefined) {
    const parent = account === undefined ? home : outsideFolder(account);
    binaries = copiedBinaries(source, parent);
    logger.info({ from: source.folder, to: parent }, 'PostgreSQL programs run from a copy');
  }
  return { account, binaries, home, cluster: join(home, 'cluster') };
};
