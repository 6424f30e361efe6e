import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ConfigError,
  printableConfig,
  readConfig,
  unknownVariables,
} from '../../../platform/config.js';
import { renderReference } from '../../../platform/config/reference.js';
import type { Setting } from '../../../platform/config/setting.js';
import { settings } from '../../../platform/config/settings.js';
import { packageRoot } from '../../../platform/packageRoot.js';

const faultsOf = (environment: Record<string, string>, overrides = {}): readonly string[] => {
  try {
    readConfig(environment, overrides);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};

/** The areas of the table, each under the name of its file: whatever a module exports as `…Settings`. */
const areas = async (): Promise<[string, Record<string, Setting<unknown>>][]> => {
  const folder = join(packageRoot, 'platform/config');
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const modules = await Promise.all(
    files.map(async (file) => {
      const url = new URL(
        `../../../platform/config/${file.replace('.ts', '.js')}`,
        import.meta.url,
      );
      return [file, (await import(url.href)) as Record<string, unknown>] as const;
    }),
  );
  return modules.flatMap(([file, exported]) =>
    Object.entries(exported)
      .filter(([name]) => name.endsWith('Settings'))
      .map(([, area]): [string, Record<string, Setting<unknown>>] => [file, area as never]),
  );
};

const repeated = (names: readonly string[]): string[] =>
  names.filter((name, i) => names.indexOf(name) !== i);

describe('the table of settings', () => {
  it('has each setting of each area, none under the name of another', async () => {
    const all = await areas();
    expect(all.map(([file]) => file)).to.include.members(['limits.ts', 'databases.ts']);
    const names = all.flatMap(([, area]) => Object.keys(area));
    expect(repeated(names), 'names in code').to.deep.equal([]);
    expect(Object.keys(settings)).to.have.members(names);
  });

  it('has no variable of the environment that two settings read', async () => {
    const read = (await areas()).flatMap(([, area]) => Object.values(area).map(({ env }) => env));
    expect(repeated(read)).to.deep.equal([]);
  });
});

describe('configuration', () => {
  it('needs nothing: the defaults are a working configuration', () => {
    const config = readConfig({});
    expect(config.port).to.equal(7780);
    expect(config.host).to.equal('127.0.0.1');
    expect(config.roles).to.deep.equal(['all']);
    expect(config.postgresUrl).to.equal('');
    expect(config.shutdownDeadlineMs).to.equal(10_000);
    expect(config).to.be.frozen;
    expect(config.roles).to.be.frozen;
  });

  it('takes the environment over the default and the command line over both', () => {
    const environment = { KOPILKA_PORT: '8000', KOPILKA_HOST: '0.0.0.0', KOPILKA_DATA: '' };
    const config = readConfig(environment, { port: '0' });
    expect(config.port).to.equal(0);
    expect(config.host).to.equal('0.0.0.0');
    expect(config.dataDir).to.equal('./data');
  });

  it('reads lists, booleans and connection strings with several hosts', () => {
    const config = readConfig({
      KOPILKA_ROLES: 'pos, admin,pos',
      KOPILKA_METRICS: 'off',
      KOPILKA_EVENTSTORE_URL: 'esdb://a:2113,b:2113?tls=false',
    });
    expect(config.roles).to.deep.equal(['pos', 'admin']);
    expect(config.metrics).to.equal(false);
    expect(config.eventStoreUrl).to.equal('esdb://a:2113,b:2113?tls=false');
  });

  it('lists every fault at once, named by where it was given', () => {
    const faults = faultsOf(
      {
        KOPILKA_PORT: '70000',
        KOPILKA_ROLES: 'pos,cook',
        KOPILKA_METRICS: 'perhaps',
        KOPILKA_POSTGRES_URL: 'mysql://x',
        KOPILKA_BODY_LIMIT_BYTES: '1e6',
      },
      { logLevel: 'loud' },
    );
    expect(faults.map((fault) => fault.split(':')[0])).to.have.members([
      'KOPILKA_PORT',
      'KOPILKA_ROLES',
      'KOPILKA_METRICS',
      'KOPILKA_POSTGRES_URL',
      'KOPILKA_BODY_LIMIT_BYTES',
      '--logLevel',
    ]);
    expect(faults.join()).to.contain('integer, 0 to 65,535');
  });

  it('opens the private networks that are named, and none by a slip', () => {
    expect(readConfig({}).webhookPrivateNetworks).to.deep.equal([]);
    const named = { KOPILKA_WEBHOOK_PRIVATE_NETWORKS: '10.1.0.0/16, fd00::/8' };
    expect(readConfig(named).webhookPrivateNetworks).to.deep.equal(['10.1.0.0/16', 'fd00::/8']);
    for (const slip of ['10.1.0.0', '10.1/16', 'intranet', '127.0.0.0/33']) {
      const faults = faultsOf({ KOPILKA_WEBHOOK_PRIVATE_NETWORKS: slip });
      expect(faults.join(), slip).to.contain('KOPILKA_WEBHOOK_PRIVATE_NETWORKS').and.contain(slip);
    }
  });

  it('never repeats a faulty secret in its error', () => {
    expect(faultsOf({ KOPILKA_POSTGRES_URL: 'mysql://u:hush@x' }).join()).not.to.contain('hush');
  });

  it('prints itself without passwords', () => {
    const config = readConfig({
      KOPILKA_POSTGRES_URL: 'postgres://kopilka:hu@sh@db:5432/kopilka',
      KOPILKA_EVENTSTORE_URL: 'esdb://admin:changed@log:2113?tls=true',
      KOPILKA_GELF_URL: 'https://logs:changed@graylog/gelf?token=changed&a=1',
    });
    const printed = JSON.stringify(printableConfig(config));
    expect(printed).not.to.match(/hu@|sh@|changed/);
    expect(printed).to.contain('db:5432/kopilka').and.to.contain('log:2113');
    expect(printed).to.contain('https://logs:(hidden)@graylog/gelf?token=(hidden)&a=1');
  });

  it('points out variables that look like ours and are none', () => {
    const environment = { KOPILKA_PROT: '1', KOPILKA_PORT: '1', HOME: '/root' };
    expect(unknownVariables(environment)).to.deep.equal(['KOPILKA_PROT']);
  });

  it('has a variable of its own for every setting', () => {
    const variables = Object.values(settings).map(({ env }) => env);
    expect(new Set(variables).size).to.equal(variables.length);
  });

  it('is described by docs/reference/configuration.md, word for word', () => {
    const page = join(packageRoot, 'docs', 'reference', 'configuration.md');
    expect(readFileSync(page, 'utf8'), 'write the page anew from renderReference()').to.equal(
      renderReference(),
    );
  });
});
