/** The keys of personal data in a file of their own: they come back, and what was erased stays erased. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { PostgresConnection } from '../../../embedded/postgres/startPostgres.js';
import { exportKeys, importKeys } from '../../../platform/postgres/keyBackup.js';
import { migrate } from '../../../platform/postgres/migrate.js';
import { rejectionOf } from '../../conformance/eventstore/node.js';
import { newDatabase } from '../eventstore/postgres.js';
import { select, temporaryFolder } from './sampleLog.js';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

const newKeys = async (): Promise<PostgresConnection> => {
  const postgres = await newDatabase();
  await migrate(postgres, { logger: silent });
  return postgres;
};

const all = (postgres: PostgresConnection) =>
  Promise.all([
    select(postgres, 'SELECT * FROM kopilka.personal_keys ORDER BY tenant, subject'),
    select(postgres, 'SELECT * FROM kopilka.tenant_keys ORDER BY tenant'),
    select(postgres, 'SELECT * FROM kopilka.signing_keys ORDER BY kid'),
  ]);

describe('the keys of personal data', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const file = join(folder, 'kopilka.keys');
  let original: PostgresConnection;

  before(async () => {
    original = await newKeys();
    await select(
      original,
      `INSERT INTO kopilka.personal_keys (tenant, subject, key, destroyed_at)
       SELECT 'demo', 'person-' || n, CASE WHEN n % 10 > 0 THEN sha256(n::text::bytea) END,
         CASE WHEN n % 10 = 0 THEN now() END
       FROM generate_series(1, 12000) n`,
    );
    await select(original, `INSERT INTO kopilka.tenant_keys VALUES ('demo', sha256('demo'))`);
    await select(
      original,
      `INSERT INTO kopilka.signing_keys VALUES ('k1', '{"d":"secret"}', '{"x":"1"}', now(), NULL)`,
    );
    const counts = await exportKeys(original, file);
    expect(counts).to.deep.equal({ personal: 12_000, tenants: 1, signing: 1 });
  });

  it('come back as they were, once or twice', async () => {
    const restored = await newKeys();
    await importKeys(restored, file);
    await importKeys(restored, file);
    expect(await all(restored)).to.deep.equal(await all(original));
  });

  it('can be read by their owner alone', () => {
    expect(statSync(file).mode & 0o777).to.equal(0o600);
  });

  it('do not bring a person back who was erased since', async () => {
    const restored = await newKeys();
    await select(
      restored,
      `INSERT INTO kopilka.personal_keys (tenant, subject, destroyed_at)
       VALUES ('demo', 'person-1', now())`,
    );
    await importKeys(restored, file);
    const sql = `SELECT key FROM kopilka.personal_keys WHERE subject = 'person-1'`;
    expect(await select(restored, sql)).to.deep.equal([{ key: null }]);
  });

  it('erase a person here who was erased there', async () => {
    const restored = await newKeys();
    await select(
      restored,
      `INSERT INTO kopilka.personal_keys (tenant, subject, key) VALUES ('demo', 'person-10', 'k')`,
    );
    await importKeys(restored, file);
    const sql = `SELECT key, destroyed_at IS NOT NULL AS destroyed FROM kopilka.personal_keys
      WHERE subject = 'person-10'`;
    expect(await select(restored, sql)).to.deep.equal([{ key: null, destroyed: true }]);
  });

  it('are refused where other keys are in use, and leave them alone', async () => {
    const other = await newKeys();
    await select(other, `INSERT INTO kopilka.tenant_keys VALUES ('demo', sha256('another'))`);
    const before = await all(other);
    const error = await rejectionOf(importKeys(other, file));
    expect(error.name).to.equal('KeysRefused');
    expect(error.message).to.match(
      /tenant_keys holds another key.*before Kopilka is first started/,
    );
    expect(await all(other)).to.deep.equal(before);
  });

  it('are refused from a file that was altered or cut off', async () => {
    const restored = await newKeys();
    const before = await all(restored);
    const text = readFileSync(file, 'utf8');
    const path = join(folder, 'changed.keys');
    for (const changed of [text.replace('person-7"', 'person-x"'), text.slice(0, -5), '{}\n']) {
      writeFileSync(path, changed);
      expect((await rejectionOf(importKeys(restored, path))).name).to.equal('KeysRefused');
    }
    expect(await all(restored)).to.deep.equal(before);
  });
});
