/**
 * A disk that is soon full. Where this process may mount one it is a real one (a tmpfs), else the system's own, of whose free room
 * the test says how much there is: what the node does about it is the same.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorageOptions } from '../../../../embedded/eventstore/options.js';

export interface SmallDisk {
  readonly dataDir: string;
  readonly storage: (folder: string) => StorageOptions;
  /** Takes room, so that little is left; `makeRoom` gives it back. */
  takeRoom(): void;
  makeRoom(): void;
  remove(): void;
}

const megabyte = 1024 * 1024;
const sizeMb = 240;
const ballastMb = 100;
const reserveBytes = 32 * megabyte;

const mount = (folder: string): boolean => {
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${sizeMb}m,mode=0711`, 'kopilka-test', folder];
    execFileSync('mount', options, { stdio: 'ignore', timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
};

export const openSmallDisk = (): SmallDisk => {
  const folder = mkdtempSync(join(tmpdir(), 'kopilka-disk-'));
  chmodSync(folder, 0o711);
  const isMounted = mount(folder);
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir, { mode: 0o711 });
  const ballast = join(folder, 'ballast');
  let free = 10 * reserveBytes;
  return {
    dataDir,
    storage: (watched) => ({
      folder: watched,
      reserveBytes,
      ...(isMounted ? {} : { freeBytes: async () => free }),
    }),
    takeRoom: () => {
      if (isMounted) writeFileSync(ballast, Buffer.alloc(ballastMb * megabyte));
      else free = reserveBytes - 1;
    },
    makeRoom: () => {
      rmSync(ballast, { force: true });
      free = 1_000 * reserveBytes;
    },
    remove: () => {
      if (isMounted) execFileSync('umount', ['-l', folder], { stdio: 'ignore', timeout: 5_000 });
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
