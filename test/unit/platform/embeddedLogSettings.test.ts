import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { linkIndexNames } from '../../../embedded/eventstore/links/linkIndex.js';
import { userLine } from '../../../embedded/eventstore/security/users.js';
import { embeddedLogSettings } from '../../../platform/compose/embeddedLogSettings.js';
import { readConfig } from '../../../platform/config.js';
import { linkIndexes } from '../../../platform/config/eventStore.js';

describe('settings of the embedded log', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kopilka-settings-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const settingsFor = (environment: Record<string, string>) =>
    embeddedLogSettings(readConfig(environment));

  it('keep it to this machine, in the clear and without links unless told', () => {
    expect(settingsFor({})).to.deep.equal({
      host: '127.0.0.1',
      port: 0,
      links: [],
      security: undefined,
    });
  });

  it('know the kinds of links that the node knows', () => {
    expect(linkIndexes).to.deep.equal(linkIndexNames);
    const { links } = settingsFor({ KOPILKA_EVENTSTORE_LINKS: 'categories, types' });
    expect(links).to.deep.equal(['categories', 'types']);
    expect(() => settingsFor({ KOPILKA_EVENTSTORE_LINKS: 'all' })).to.throw(
      /KOPILKA_EVENTSTORE_LINKS/,
    );
  });

  it('read certificate, key and users from files', async () => {
    const { security, host } = settingsFor({
      KOPILKA_EVENTSTORE_HOST: '0.0.0.0',
      KOPILKA_EVENTSTORE_CERTIFICATE_FILE: file('node.crt', 'certificate'),
      KOPILKA_EVENTSTORE_KEY_FILE: file('node.key', 'key'),
      KOPILKA_EVENTSTORE_AUTHORITY_FILE: file('ca.crt', 'authority'),
      KOPILKA_EVENTSTORE_USERS_FILE: file('users', await userLine('ann', 'secret', ['$ops'])),
    });
    expect(host).to.equal('0.0.0.0');
    expect(security).to.include({ certificate: 'certificate', key: 'key' });
    expect(security!.authorityFile).to.equal(join(folder, 'ca.crt'));
    expect(security!.users.map(({ name, groups }) => [name, groups])).to.deep.equal([
      ['ann', ['$ops']],
    ]);
  });

  it('ask for what is missing', () => {
    const environment = { KOPILKA_EVENTSTORE_CERTIFICATE_FILE: file('node.crt', 'certificate') };
    expect(() => settingsFor(environment)).to.throw(
      /set KOPILKA_EVENTSTORE_KEY_FILE and KOPILKA_EVENTSTORE_USERS_FILE as well/,
    );
  });

  it('name the setting whose file is not there or not right', () => {
    const environment = {
      KOPILKA_EVENTSTORE_CERTIFICATE_FILE: file('node.crt', 'certificate'),
      KOPILKA_EVENTSTORE_KEY_FILE: join(folder, 'missing'),
      KOPILKA_EVENTSTORE_USERS_FILE: file('users', '# one\nann:secret'),
    };
    expect(() => settingsFor(environment)).to.throw(/KOPILKA_EVENTSTORE_KEY_FILE: ENOENT/);
    const others = { ...environment, KOPILKA_EVENTSTORE_KEY_FILE: file('node.key', 'key') };
    expect(() => settingsFor(others)).to.throw(/KOPILKA_EVENTSTORE_USERS_FILE: line 2 /);
  });
});
