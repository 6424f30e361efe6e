/**
 * What has to be undone, last first, whether a run ends, fails or is interrupted. A step that fails does not keep the others from
 * being done.
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Cleanup {
  /** Returns a function that does it now; it is done once. */
  add(undo: () => void | Promise<void>): () => Promise<void>;
  /** A folder of its own below the temporary one, removed at the end. */
  folder(label: string): string;
  /** Everything, last first. Twice is safe. */
  run(): Promise<void>;
}

/** A cluster that PostgreSQL's user could not reach inside of the data directory lies where this file says. */
const removeData = (folder: string): void => {
  for (const holder of [folder, join(folder, 'postgres')]) {
    const record = join(holder, 'cluster-location');
    if (existsSync(record)) {
      rmSync(readFileSync(record, 'utf8').trim(), { recursive: true, force: true });
    }
  }
  rmSync(folder, { recursive: true, force: true });
};

export const createCleanup = (onFault: (error: unknown) => void): Cleanup => {
  const undos: (() => Promise<void>)[] = [];
  const add: Cleanup['add'] = (undo) => {
    let done: Promise<void> | undefined;
    const once = () => (done ??= (async () => undo())());
    undos.push(once);
    return once;
  };
  const run = async (): Promise<void> => {
    for (let undo = undos.pop(); undo; undo = undos.pop()) await undo().catch(onFault);
  };
  return {
    add,
    folder: (label) => {
      const path = mkdtempSync(join(tmpdir(), `kopilka-bench-${label}-`));
      // PostgreSQL runs as another user where we are root: it has to pass through.
      chmodSync(path, 0o711);
      add(() => removeData(path));
      return path;
    },
    run,
  };
};
