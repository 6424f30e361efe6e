/**
 * Folders made safely: with the wanted owner and mode, and never one that somebody else prepared for us
 * below a folder that all may write to (such as /tmp).
 */
import { chownSync, closeSync, fsyncSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { chmodSync, mkdtempSync } from 'node:fs';
import type { Account } from './account.js';

const uidOf = (account: Account): number => account?.uid ?? process.getuid?.() ?? 0;

/** Makes the folder (with parents) when missing and gives it to the account. */
export const provideFolder = (folder: string, account: Account, mode: number): void => {
  mkdirSync(folder, { recursive: true });
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  chmodSync(folder, mode);
};

/** A folder under a world-writable parent: the wanted path if it is ours alone, else a fresh one beside it. */
export const providePrivateFolder = (wanted: string, account: Account, mode: number): string => {
  const found = lstatSync(wanted, { throwIfNoEntry: false });
  const writableByOthers = found !== undefined && (found.mode & 0o022) !== 0;
  const ours = found?.uid === uidOf(account) && found.isDirectory() && !writableByOthers;
  const folder = found === undefined || ours ? wanted : mkdtempSync(`${wanted}-`);
  provideFolder(folder, account, mode);
  return folder;
};

/** Makes a rename in this folder survive a power failure. */
export const syncFolder = (folder: string): void => {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};
