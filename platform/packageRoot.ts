/**
 * Where Kopilka's package lies: the folder that holds package.json, migrations and other files that
 * the compiler does not copy.
 *
 * Compiled code runs from dist/ (or any other output folder), so a path relative to the module would
 * depend on where it was built. Walking up to the package named kopilka gives the same answer everywhere.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const isPackageRoot = (folder: string): boolean => {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) return false;
  const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown };
  return name === 'kopilka';
};

const findPackageRoot = (start: string): string => {
  for (let folder = start; ; folder = dirname(folder)) {
    if (isPackageRoot(folder)) return folder;
    if (dirname(folder) === folder) {
      throw new Error(
        `No package.json named kopilka above ${start}: run Kopilka from its package.`,
      );
    }
  }
};

/** Absolute path of the package, without a trailing slash. */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)));
