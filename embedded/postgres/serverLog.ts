/** The server's log files in <home>/log: the newest lines for error messages, and an end to old files. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const filesKept = 14;

const logFiles = (home: string): readonly string[] => {
  const folder = join(home, 'log');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^postgres-\d+-\d+\.log$/.test(name))
    .sort()
    .map((name) => join(folder, name));
};

/** What the server says before its own log file is open. */
export const startupLog = (home: string): string => join(home, 'startup.log');

/** The last lines of what the server said, newest last. */
export const logTail = (home: string, lines = 15): string =>
  [startupLog(home), ...logFiles(home).slice(-1)]
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'))
    .filter((line) => line !== '')
    .slice(-lines)
    .join('\n');

/** Keeps the newest files; the server itself begins a new one each day and each 10 MB. */
export const pruneLogs = (home: string): void => {
  for (const path of logFiles(home).slice(0, -filesKept)) rmSync(path, { force: true });
};
