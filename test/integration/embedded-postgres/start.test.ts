/** The embedded PostgreSQL from its first start on: what it keeps, how it is set, and where it listens. */
import { expect } from 'chai';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { locatePackage } from '../../../embedded/postgres/binaries.js';
import { isAlive } from '../../../embedded/postgres/processIdentity.js';
import { clusters, query } from './clusters.js';

describe('embedded PostgreSQL', function () {
  this.timeout(120_000);
  const world = clusters();
  const { start } = world;

  it('keeps data, port and password from run to run', async () => {
    const first = await start(join(world.folder, 'data'));
    await first.ensureDatabase('shop');
    await first.ensureDatabase('shop');
    await query(first.connection('shop'), 'create table t as select 42 as answer');
    const url = first.url('shop');
    await first.stop();
    await first.stop();
    expect(isAlive(first.pid)).to.equal(false);

    const second = await start(join(world.folder, 'data'));
    expect(second.url('shop')).to.equal(url);
    expect(await query(url, 'select answer from t')).to.deep.equal([{ answer: 42 }]);
  });

  it('is durable, speaks UTF-8 and wants a password on the socket too', async () => {
    const server = await start(join(world.folder, 'data'));
    const config = server.connection('postgres');
    const [row] = await query(
      config,
      `select current_setting('fsync') fsync, current_setting('synchronous_commit') commit,
        current_setting('jit') jit, current_setting('server_encoding') encoding, lower('ЁЖ') folded,
        current_setting('wal_segment_size') segment, current_setting('backend_flush_after') flush`,
    );
    expect(row).to.deep.equal({
      fsync: 'on',
      commit: 'on',
      jit: 'off',
      encoding: 'UTF8',
      folded: 'ёж',
      // Commits wait for no more than this at once.
      segment: '4MB',
      flush: '512kB',
    });
    expect(statSync(join(world.folder, 'data', 'password')).mode & 0o777).to.equal(0o600);
    let refused: unknown;
    await query({ ...config, password: 'wrong' }, 'select 1').catch((error) => (refused = error));
    expect(refused).to.have.property('code', '28P01');
  });

  it('gives the end of the log when the server does not start', async () => {
    let failed: Error | undefined;
    await start(join(world.folder, 'data'), { settings: { max_connections: 'many' } }).catch(
      (error: Error) => (failed = error),
    );
    expect(failed?.message).to.contain('max_connections');
    await start(join(world.folder, 'data')); // and the lock is free again
  });

  it('finds a short place for its socket when the data directory lies deep', async () => {
    const deep = join(world.folder, 'a-long-name-of-a-folder/'.repeat(6), 'data');
    const server = await start(deep);
    const { host } = server.connection('postgres');
    expect(host).not.to.contain('a-long-name');
    expect(statSync(host).mode & 0o777).to.equal(0o700);
    expect(await query(server.connection('postgres'), 'select 1 as one')).to.have.length(1);
    await server.stop();
    expect(existsSync(host)).to.equal(false);
  });

  it('takes another port when the last one is taken', async () => {
    const dataDir = join(world.folder, 'data');
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

  it('finds the programs in the installed package', () => {
    expect(locatePackage().version).to.match(/^18\./);
  });
});
