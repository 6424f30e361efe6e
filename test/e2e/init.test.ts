/** A programme on servers of one's own: opened by the command line, used over HTTP. */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { silentLogger } from '../../embedded/eventstore/options.js';
import { startEventStore } from '../../embedded/eventstore/startEventStore.js';
import { startPostgres } from '../../embedded/postgres/startPostgres.js';
import { startKopilka } from './cli/kopilka.js';

describe('kopilka init', function () {
  this.timeout(240_000);
  const dataDir = mkdtempSync(join(tmpdir(), 'kopilka-init-'));
  const stops: (() => Promise<unknown>)[] = [];
  let env: Record<string, string> = {};
  const args = ['init', '--name', 'Corner shops', '--currency', 'EUR', '--gsrn-prefix', '8018123'];
  const run = (given: readonly string[], more: Record<string, string> = {}) =>
    startKopilka(given, { ...env, ...more });

  before(async () => {
    chmodSync(dataDir, 0o711);
    const postgres = await startPostgres({ dataDir: join(dataDir, 'pg'), logger: silentLogger });
    stops.unshift(() => postgres.stop());
    for (const name of ['log', 'models']) await postgres.ensureDatabase(name);
    const node = await startEventStore({
      postgres: postgres.connection('log'),
      logger: silentLogger,
    });
    stops.unshift(() => node.stop());
    env = {
      KOPILKA_DATA: join(dataDir, 'data'),
      KOPILKA_HOME_TENANT: 'shops',
      KOPILKA_POSTGRES_URL: postgres.url('models'),
      KOPILKA_EVENTSTORE_URL: node.connectionString,
    };
  });

  after(async () => {
    for (const stop of stops) await stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('refuses to where the stores are the embedded ones', async () => {
    const { code, err } = await run(args, { KOPILKA_EVENTSTORE_URL: '' }).finished;
    expect(code).to.equal(2);
    expect(err).to.contain('npm start makes one');
  });

  it('names what is wrong with the programme, and makes nothing of it', async () => {
    const { code, err } = await run([...args.slice(0, -1), 'none']).finished;
    expect(code).to.equal(2);
    expect(err).to.contain('/gsrnPrefix');
  });

  it('opens the programme once, and its owner can log on', async () => {
    const first = await run([...args, '--json']).finished;
    expect(first.code, first.err).to.equal(0);
    const made = JSON.parse(first.out) as { made: boolean; password: string };
    expect(made.made).to.equal(true);

    const again = await run([...args, '--json']).finished;
    expect(again.code, again.err).to.equal(0);
    expect(JSON.parse(again.out)).to.deep.equal({ tenant: 'shops', made: false, owner: 'owner' });

    const server = run(['start', '--port', '0']);
    try {
      const url = await untilReady(join(dataDir, 'data', 'ready.json'));
      const body = { tenant: 'shops', login: 'owner', password: made.password };
      const answer = await fetch(`${url}/pos/v1/logon`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(answer.status).to.be.oneOf([200, 201]);
      const { token } = (await answer.json()) as { token: string };
      const opened = await fetch(`${url}/admin/v1/tenant`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(await opened.json()).to.include({ tenantId: 'shops', currency: 'EUR' });
    } finally {
      server.signal('SIGTERM');
      const { code, err } = await server.finished;
      expect(code, err).to.equal(0);
    }
  });
});

const untilReady = async (file: string): Promise<string> => {
  for (let left = 900; left > 0; left -= 1) {
    try {
      return (JSON.parse(readFileSync(file, 'utf8')) as { url: string }).url;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error('the server was not ready within 90 s');
};
