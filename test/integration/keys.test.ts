/** The keys of personal data and of tokens on a real PostgreSQL: the contracts, and what outlives a process. */
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import type { TenantId, UserId } from '../../domain/ids.js';
import { type EmbeddedPostgres, startPostgres } from '../../embedded/postgres/startPostgres.js';
import { migrate } from '../../platform/postgres/migrate.js';
import { createPostgresPersonalKeys } from '../../platform/postgres/personalKeys.js';
import { createPool } from '../../platform/postgres/pool.js';
import { createPostgresSigningKeys } from '../../platform/postgres/signingKeys.js';
import { behavesAsPersonalKeys } from '../contract/personalKeys.js';
import { behavesAsSigningKeys } from '../contract/signingKeys.js';

const quiet = () => {};
const logger = { info: quiet, warn: quiet, error: quiet };
const demo = 'demo' as TenantId;
const ann = '8018000010000000000000013' as UserId;

describe('keys in PostgreSQL', function () {
  this.timeout(120_000);
  let folder: string;
  let server: EmbeddedPostgres;
  let pool: pg.Pool;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kopilka-keys-'));
    server = await startPostgres({
      dataDir: join(folder, 'data'),
      logger,
      settings: { shared_buffers: '16MB' },
    });
    await server.ensureDatabase('keys');
    pool = createPool(server.connection('keys'), { applicationName: 'test', onIdleError: quiet });
    await migrate(server.connection('keys'), { logger });
  });
  after(async () => {
    await pool.end();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  describe('of personal data, by contract', () => {
    let keys: ReturnType<typeof createPostgresPersonalKeys>;
    before(() => (keys = createPostgresPersonalKeys(pool)));
    behavesAsPersonalKeys(() => keys);
  });

  describe('of tokens, by contract', () => {
    behavesAsSigningKeys(() => createPostgresSigningKeys(pool));
  });

  it('are the same for another process', async () => {
    const key = await createPostgresPersonalKeys(pool).create(demo, ann);
    expect(await createPostgresPersonalKeys(pool).find(demo, ann)).to.deep.equal(key);
    const index = await createPostgresPersonalKeys(pool).indexKey(demo);
    expect(await createPostgresPersonalKeys(pool).indexKey(demo)).to.deep.equal(index);
  });

  it('leave nothing of a destroyed key but when it happened', async () => {
    await createPostgresPersonalKeys(pool).destroy(demo, ann);
    const { rows } = await pool.query(
      'select key, destroyed_at from kopilka.personal_keys where tenant = $1 and subject = $2',
      [demo, ann],
    );
    expect(rows[0]).to.have.property('key', null);
    expect(rows[0]?.destroyed_at).to.be.instanceOf(Date);
    expect(await createPostgresPersonalKeys(pool).find(demo, ann)).to.equal(null);
  });
});
