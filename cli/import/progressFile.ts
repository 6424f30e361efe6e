/**
 * How far an import has come, kept in DIR/imports so that it can be resumed.
 *
 * Only a short cut: items are numbered by the file alone and sent under keys made from it, so a lost or stale progress file costs
 * time and nothing else. It names the file by its content; another file, or the same one into another programme, has its own.
 */
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

export interface Refusal {
  readonly sequence: number;
  readonly reason: string;
}

export interface Progress {
  readonly file: string;
  readonly sha256: string;
  readonly format: string;
  readonly tenant: string;
  /** Where it runs: another server knows nothing of what this one was told. */
  readonly server: string;
  /** Items below this number are settled. */
  readonly settled: number;
  readonly refusals: readonly Refusal[];
  /** The furthest place in the log that an answer named. */
  readonly position: string | null;
  readonly finished: boolean;
  /** What it brought in, once it is finished; millionths. */
  readonly imported?: { readonly boughtMicros: number; readonly returnedMicros: number };
}

export type Key = Pick<Progress, 'sha256' | 'tenant' | 'format' | 'server'>;

export const digestOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

/** DIR/imports/cdnow-3f2a…; `.progress.json` and `.rejects.ndjson` follow. */
export const importPath = (dataDir: string, tenant: string, sha256: string): string =>
  join(dataDir, 'imports', `${tenant}-${sha256.slice(0, 12)}`);

const readFile = (file: string): Progress | null => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Progress;
  } catch {
    return null; // worth nothing, see above
  }
};

export const readProgress = (path: string, key: Key): Progress | null => {
  const file = `${path}.progress.json`;
  const found = existsSync(file) ? readFile(file) : null;
  const same = (['sha256', 'tenant', 'format', 'server'] as const).every(
    (name) => found?.[name] === key[name],
  );
  return same ? found : null;
};

/** Imports of other files that went to the same merchant: the read model's sums hold them as well. */
export const otherImports = (dataDir: string, key: Key): readonly Progress[] => {
  const folder = join(dataDir, 'imports');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.progress.json'))
    .map((name) => readFile(join(folder, name)))
    .filter((found) => found !== null)
    .filter(
      ({ sha256, tenant, format, server }) =>
        tenant === key.tenant &&
        format === key.format &&
        server === key.server &&
        sha256 !== key.sha256,
    );
};

/** Whole or not at all. */
export const writeProgress = (path: string, progress: Progress): void => {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.progress.json.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(progress)}\n`);
  renameSync(draft, `${path}.progress.json`);
};
