/** What the configuration says of the embedded log, as its node takes it: files are read here, once. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { EventStoreOptions, SecurityOptions } from '../../embedded/eventstore/options.js';
import { parseUsers } from '../../embedded/eventstore/security/users.js';
import { type Config, ConfigError } from '../config.js';
import { settings } from '../config/settings.js';

/** @throws ConfigError that names the setting which is wrong. */
export const embeddedLogSettings = (
  config: Config,
): Pick<EventStoreOptions, 'host' | 'port' | 'links' | 'security'> => ({
  host: config.eventStoreHost,
  port: config.eventStorePort,
  links: config.eventStoreLinks.filter((index) => index !== 'none'),
  security: securityOf(config),
});

const together = ['eventStoreCertificateFile', 'eventStoreKeyFile', 'eventStoreUsersFile'] as const;

type FileSetting = (typeof together)[number] | 'eventStoreAuthorityFile';

const securityOf = (config: Config): SecurityOptions | undefined => {
  const missing = together.filter((name) => config[name] === '');
  if (missing.length === together.length) return undefined;
  if (missing.length > 0) {
    const names = missing.map((name) => settings[name].env).join(' and ');
    throw new ConfigError([
      `A secure log needs a certificate, its key and users: set ${names} as well.`,
    ]);
  }
  const { eventStoreAuthorityFile: authority } = config;
  if (authority !== '') contents(config, 'eventStoreAuthorityFile');
  return {
    certificate: contents(config, 'eventStoreCertificateFile'),
    key: contents(config, 'eventStoreKeyFile'),
    authorityFile: authority === '' ? undefined : resolve(authority),
    users: usersOf(config),
  };
};

const usersOf = (config: Config): SecurityOptions['users'] => {
  const text = contents(config, 'eventStoreUsersFile');
  try {
    return parseUsers(text);
  } catch (error) {
    throw wrong('eventStoreUsersFile', error);
  }
};

const contents = (config: Config, name: FileSetting): string => {
  try {
    return readFileSync(config[name], 'utf8');
  } catch (error) {
    throw wrong(name, error);
  }
};

const wrong = (name: FileSetting, error: unknown): Error =>
  new ConfigError([`${settings[name].env}: ${(error as Error).message}`]);
