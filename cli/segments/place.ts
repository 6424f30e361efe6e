/**
 * How far an import of members has come: DIR/imports/<programme>-<segment>-<file>.members.json, and its rejects beside it.
 *
 * Only a short cut, since putting somebody on a list twice does nothing: a place that is lost costs time. It names the file by its
 * content, so another file begins anew.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface MembersPlace {
  /** Lines up to here are settled. */
  readonly line: number;
  readonly added: number;
  readonly already: number;
  readonly rejected: number;
  readonly finished: boolean;
}

export interface RejectedLine {
  readonly line: number;
  readonly userId: string;
  readonly reason: string;
}

export const nowhere: MembersPlace = {
  line: 0,
  added: 0,
  already: 0,
  rejected: 0,
  finished: false,
};

export const placePath = (
  dataDir: string,
  { tenant, segmentId, sha256 }: Readonly<Record<'tenant' | 'segmentId' | 'sha256', string>>,
): string => join(dataDir, 'imports', `${tenant}-${segmentId}-${sha256.slice(0, 12)}`);

export const readPlace = (path: string): MembersPlace => {
  try {
    return JSON.parse(readFileSync(`${path}.members.json`, 'utf8')) as MembersPlace;
  } catch {
    return nowhere; // worth nothing, see above
  }
};

/** Whole or not at all. */
const writeWhole = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, text);
  renameSync(draft, file);
};

export const writePlace = (path: string, place: MembersPlace): void =>
  writeWhole(`${path}.members.json`, `${JSON.stringify(place)}\n`);

/** Those of lines that are settled: what was written after the last place will be found again. */
export const readRejects = (file: string, upTo: number): RejectedLine[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((text) => text !== '')
        .map((text) => JSON.parse(text) as RejectedLine)
        .filter(({ line }) => line <= upTo)
    : [];

export const writeRejects = (file: string, rejects: readonly RejectedLine[]): void =>
  writeWhole(file, rejects.map((reject) => `${JSON.stringify(reject)}\n`).join(''));
