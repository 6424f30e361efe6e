/** Settings of the read side's stores: PostgreSQL and MongoDB. */
import { integer, optionalUrl } from './kinds.js';
import { setting } from './setting.js';

export const databaseSettings = {
  postgresUrl: setting({
    env: 'KOPILKA_POSTGRES_URL',
    kind: optionalUrl('postgres', 'postgresql'),
    default: '',
    secret: true,
    description: 'PostgreSQL connection string; empty for the embedded server.',
  }),
  postgresPoolSize: setting({
    env: 'KOPILKA_POSTGRES_POOL_SIZE',
    kind: integer(2, 200),
    default: '16',
    description: 'Most connections to PostgreSQL of one process.',
  }),
  mongodbUrl: setting({
    env: 'KOPILKA_MONGODB_URL',
    kind: optionalUrl('mongodb', 'mongodb+srv'),
    default: '',
    secret: true,
    description:
      'MongoDB connection string, for searches; empty for the embedded store, in memory and filled from the log.',
  }),
} as const;
