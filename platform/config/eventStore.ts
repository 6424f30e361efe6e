/** Settings of the log: which EventStoreDB to reach, or how the embedded one is reached. */
import { integer, listOf, oneOf, optionalUrl, text } from './kinds.js';
import { setting } from './setting.js';

/** Streams of links that can be asked for. */
export const linkIndexes = ['categories', 'types', 'streams'] as const;

export const eventStoreSettings = {
  eventStoreUrl: setting({
    env: 'KOPILKA_EVENTSTORE_URL',
    kind: optionalUrl('esdb', 'esdb+discover'),
    default: '',
    secret: true,
    description: 'EventStoreDB connection string; empty for the embedded log.',
  }),
  eventStoreLinks: setting({
    env: 'KOPILKA_EVENTSTORE_LINKS',
    kind: listOf(oneOf('none', ...linkIndexes)),
    default: 'none',
    description:
      'Streams of links that the embedded log keeps: categories ($ce-…), types ($et-…), streams ($streams).',
  }),
  eventStoreHost: setting({
    env: 'KOPILKA_EVENTSTORE_HOST',
    kind: text,
    default: '127.0.0.1',
    description:
      'Address that the embedded log listens on; other machines are served with TLS and users only.',
  }),
  eventStorePort: setting({
    env: 'KOPILKA_EVENTSTORE_PORT',
    kind: integer(0, 65_535),
    default: '0',
    description: 'TCP port that the embedded log listens on; 0 for any free one.',
  }),
  eventStoreCertificateFile: setting({
    env: 'KOPILKA_EVENTSTORE_CERTIFICATE_FILE',
    kind: text,
    default: '',
    description:
      'Certificate of the embedded log (PEM), valid for localhost too; empty for no TLS and no users.',
  }),
  eventStoreKeyFile: setting({
    env: 'KOPILKA_EVENTSTORE_KEY_FILE',
    kind: text,
    default: '',
    description: 'Private key of that certificate (PEM).',
  }),
  eventStoreAuthorityFile: setting({
    env: 'KOPILKA_EVENTSTORE_AUTHORITY_FILE',
    kind: text,
    default: '',
    description: 'Authority that issued it (PEM); empty for one that every machine trusts.',
  }),
  eventStoreUsersFile: setting({
    env: 'KOPILKA_EVENTSTORE_USERS_FILE',
    kind: text,
    default: '',
    description: 'Users of the embedded log, a line each: name:hash:group,group.',
  }),
} as const;
