/**
 * What a start failed at, in words for whoever started it: a port, an address, a folder, a setting or a server that only they can mend, each
 * in one line with what to do next. Everything else is a fault of the program, whose stack belongs into the log.
 */
import { ConfigError } from '../platform/config.js';
import { readReady } from './http/ready.js';

export interface StartFault {
  /** Half a sentence: what is wrong. */
  readonly reason: string;
  /** What to do next; undefined where the reason says so itself. */
  readonly advice: string | undefined;
}

export interface Wanted {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** A connection string; empty: the embedded PostgreSQL. */
  readonly postgresUrl: string;
}

interface SystemError {
  readonly code?: unknown;
  readonly name?: unknown;
  readonly message?: string;
  readonly syscall?: string;
  readonly path?: string;
  readonly hostname?: string;
}

const anotherAddress = 'Name an address of this machine with --host, such as 127.0.0.1 or 0.0.0.0.';
const anotherFolder = 'Choose a folder that can be made and written to with --data DIR.';
const postgres = 'Start the server that KOPILKA_POSTGRES_URL names, or mend that setting';

/** Words of their own, with what to do in them. */
const speakForThemselves: ReadonlySet<unknown> = new Set(['DataDirectoryInUse', 'LogOutOfReach']);

/** Null: no fault of whoever started it. */
export const startFaultOf = (thrown: unknown, wanted: Wanted): StartFault | null => {
  const error = (thrown ?? {}) as SystemError;
  if (thrown instanceof ConfigError) {
    return { reason: thrown.faults.join('; '), advice: 'See docs/reference/configuration.md.' };
  }
  if (speakForThemselves.has(error.name)) {
    return { reason: error.message ?? '', advice: undefined };
  }
  return ofListening(error, wanted) ?? ofServer(error, wanted) ?? ofFile(error);
};

const ofListening = (error: SystemError, { host, port, dataDir }: Wanted): StartFault | null => {
  const isOwn = error.syscall === 'listen' || error.hostname === host;
  switch (error.code) {
    case 'EADDRINUSE': {
      const running = alreadyRunning(dataDir, port);
      const advice = `${running}Choose another port with --port N, or --port 0 for any free one.`;
      return { reason: `port ${port} of ${host} is taken already`, advice };
    }
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return isOwn
        ? { reason: `${host} is no address of this machine`, advice: anotherAddress }
        : null;
    case 'EACCES':
    case 'EPERM':
      return isOwn
        ? { reason: `you may not listen on port ${port}`, advice: 'Choose one above 1023.' }
        : null;
    default:
      return null;
  }
};

const away = new Set<unknown>(['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);
const unknownHost = new Set<unknown>(['ENOTFOUND', 'EAI_AGAIN']);
/** Of PostgreSQL: the password, who may log in from where, the database. */
const refused = new Set<unknown>(['28P01', '28000', '3D000']);

const ofServer = ({ code, message }: SystemError, { postgresUrl }: Wanted): StartFault | null => {
  if (postgresUrl === '') return null;
  if (away.has(code) || unknownHost.has(code)) {
    return { reason: `PostgreSQL does not answer (${String(code)})`, advice: `${postgres}.` };
  }
  if (!refused.has(code)) return null;
  const advice = 'Mend login, password or database in KOPILKA_POSTGRES_URL.';
  return { reason: `PostgreSQL refuses the connection: ${message ?? String(code)}`, advice };
};

const ofFile = ({ code, path, message = '' }: SystemError): StartFault | null => {
  const what = path ?? 'the data folder';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return { reason: `${what} cannot be written to`, advice: anotherFolder };
    case 'ENOTDIR':
      return {
        reason: path === undefined ? message : `${what} is in no folder`,
        advice: anotherFolder,
      };
    case 'ENOENT':
      return path === undefined
        ? null
        : { reason: `${what} cannot be made`, advice: anotherFolder };
    case 'ENOSPC':
      return { reason: `no room is left for ${what}`, advice: 'Make room, then start again.' };
    default:
      return null;
  }
};

/** Who starts twice has most likely forgotten the first one. */
const alreadyRunning = (dataDir: string, port: number): string => {
  const ready = readReady(dataDir);
  if (!ready || new URL(ready.url).port !== String(port) || !isAlive(ready.pid)) return '';
  return `Kopilka seems to run on ${dataDir} already: open ${ready.url}/docs. `;
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
