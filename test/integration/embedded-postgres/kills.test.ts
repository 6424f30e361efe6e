/** The embedded PostgreSQL beside other processes, and after kills at bad moments: one server runs, and nothing committed is lost. */
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, startOf } from '../../../embedded/postgres/processIdentity.js';
import { clusters, lines, query, until } from './clusters.js';

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

describe('embedded PostgreSQL where processes meet or die', function () {
  this.timeout(120_000);
  const world = clusters();
  const { start, run } = world;

  it('refuses a data directory that another live process uses, and leaves that one alone', async () => {
    const dataDir = join(world.folder, 'data');
    const other = run(dataDir, 'wait');
    const { pid } = await other.facts();
    let refused: Error | undefined;
    await start(dataDir).catch((error: Error) => (refused = error));
    expect(refused?.message).to.contain(`in use by pid ${other.child.pid}`);
    expect(isAlive(pid)).to.equal(true);
  });

  it('refuses a second start in the same process', async () => {
    await start(join(world.folder, 'data'));
    let refused: Error | undefined;
    await start(join(world.folder, 'data')).catch((error: Error) => (refused = error));
    expect(refused?.message).to.contain(`in use by pid ${process.pid}`);
  });

  it('is not fooled by a lock whose pid now means another process', async () => {
    const dataDir = join(world.folder, 'data');
    mkdirSync(dataDir);
    writeFileSync(
      join(dataDir, 'kopilka.lock'),
      JSON.stringify({ pid: process.ppid, started: `not ${startOf(process.ppid)}` }),
    );
    const server = await start(dataDir);
    expect(isAlive(server.pid)).to.equal(true);
  });

  it('lets its server end when Kopilka is killed', async () => {
    const killed = run(join(world.folder, 'data'), 'wait');
    const { pid } = await killed.facts();
    killed.child.kill('SIGKILL');
    await until(() => !isAlive(pid), 'the end of the orphaned server');
  });

  it('takes over after a kill: every committed row is there and one server runs', async () => {
    const dataDir = join(world.folder, 'data');
    const killed = run(dataDir, 'wait');
    const { pid, connection } = await killed.facts();
    await query(connection, 'create table t as select generate_series(1, 1000) as n');
    // The watchman would end the server: it goes first, so that the server really is left world.running.
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
    const dataDir = join(world.folder, 'data');
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
    const dataDir = join(world.folder, 'data');
    const first = await start(dataDir);
    await first.stop();
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    world.children.push(bystander);
    const pidFile = join(dataDir, 'cluster', 'postmaster.pid');
    writeFileSync(pidFile, `${bystander.pid}\n${join(dataDir, 'cluster')}\n`);
    await start(dataDir);
    expect(isAlive(bystander.pid as number)).to.equal(true);
  });

  it('begins again when it was killed in the middle of creating the cluster', async () => {
    let dataDir = '';
    const isMade = () => existsSync(join(dataDir, 'cluster'));
    const partial = () =>
      existsSync(dataDir) &&
      readdirSync(dataDir).some((name) => /^cluster\.partial-\d+$/.test(name));
    // It takes a second or two: a machine that stands still for so long lets it be made, and another is tried.
    for (let tries = 1; tries <= 5 && (tries === 1 || isMade()); tries += 1) {
      dataDir = join(world.folder, `data${tries}`);
      const killed = run(dataDir, 'wait');
      await until(() => partial() || isMade(), 'a half-made cluster');
      killed.child.kill('SIGKILL');
      await killed.ended;
    }
    expect(isMade()).to.equal(false);
    const server = await start(dataDir);
    expect(await query(server.connection('postgres'), 'select 1 as one')).to.have.length(1);
    expect(readdirSync(dataDir).filter((name) => name.includes('partial'))).to.deep.equal([]);
  });

  it('is started again at the same address when it is killed, with every committed row', async () => {
    const server = await start(join(world.folder, 'data'));
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
    const server = await start(join(world.folder, 'data'), {
      onExit: (exit: { logTail: string }) => (died = exit),
      supervision: { endsMax: 0 },
    });
    process.kill(server.pid, 'SIGQUIT');
    await until(() => died !== undefined, 'the news');
    expect(died?.logTail).to.contain('immediate shutdown');
    await server.stop();
  });
});
