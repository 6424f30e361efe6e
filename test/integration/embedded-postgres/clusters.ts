/**
 * Where tests of the embedded PostgreSQL start it: in this process, or in programs of their own, which run embedded/postgres from a
 * script written into the test's folder.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startPostgres, type EmbeddedPostgres } from '../../../embedded/postgres/startPostgres.js';

export const compiled = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
/** What the server's start logged in this test. */
export const lines: string[] = [];
const record = (_fields: object, message: string) => void lines.push(message);
const logger = { info: record, warn: record, error: record };
const small = { shared_buffers: '16MB' };

export const until = async (
  holds: () => boolean,
  what: string,
  deadlineMs = 15_000,
): Promise<void> => {
  for (let waitedMs = 0; !holds(); waitedMs += 20) {
    if (waitedMs > deadlineMs) throw new Error(`Not in time: ${what}`);
    await sleep(20);
  }
};

export const query = async (config: pg.ClientConfig | string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client(config);
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
};

/** A program that starts PostgreSQL, prints its facts as JSON, and waits or stops. */
const script = (from: string, after: 'wait' | 'stop'): string => `
import { startPostgres } from ${JSON.stringify(join(from, 'embedded/postgres/startPostgres.js'))};
const quiet = () => {};
const server = await startPostgres({
  dataDir: process.argv[2], logger: { info: quiet, warn: quiet, error: quiet }, settings: ${JSON.stringify(small)},
});
await server.ensureDatabase('shop');
console.log(JSON.stringify({ pid: server.pid, connection: server.connection('shop') }));
${after === 'wait' ? 'setInterval(quiet, 1000);' : 'await server.stop();'}
`;

interface Facts {
  readonly pid: number;
  readonly connection: pg.ClientConfig;
}

/** A folder for each test of the suite that calls it; what it starts ends, and what it makes goes, after the test. */
export const clusters = () => {
  let folder: string;
  let running: EmbeddedPostgres[];
  let children: ChildProcess[];
  let made: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kopilka-pg-'));
    chmodSync(folder, 0o755);
    running = [];
    children = [];
    made = [];
    lines.length = 0;
  });

  afterEach(async () => {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
    await Promise.all(running.map((server) => server.stop()));
    for (const path of [folder, ...made]) rmSync(path, { recursive: true, force: true });
  });

  const start = async (dataDir: string, more: object = {}): Promise<EmbeddedPostgres> => {
    const server = await startPostgres({ dataDir, logger, settings: small, ...more });
    running.push(server);
    return server;
  };

  const run = (dataDir: string, after: 'wait' | 'stop', from = compiled, account = {}) => {
    const path = join(folder, `${after}-${children.length}.mjs`);
    writeFileSync(path, script(from, after));
    const child = spawn(process.execPath, [path, dataDir], {
      ...account,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let said = '';
    let complained = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (complained += chunk.toString()));
    const facts = async (): Promise<Facts> => {
      await until(() => said.includes('\n') || child.exitCode !== null, 'the facts', 40_000);
      if (!said.includes('\n')) throw new Error(`The program ended: ${complained}`);
      return JSON.parse(said) as Facts;
    };
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, facts, ended, complaints: () => complained };
  };

  return {
    ...{ start, run },
    get folder() {
      return folder;
    },
    /** Programs that are ended with the test. */
    get children() {
      return children;
    },
    /** Paths outside the folder that go with it. */
    get made() {
      return made;
    },
    get running() {
      return running;
    },
  };
};
