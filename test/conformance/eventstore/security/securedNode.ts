/** A node of our own with TLS and users, and clients of it, one for each way to come. */
import { randomBytes, scryptSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import type { RunningEventStore } from '../../../../embedded/eventstore/options.js';
import type { StoredUser } from '../../../../embedded/eventstore/security/users.js';
import { startEventStore } from '../../../../embedded/eventstore/startEventStore.js';
import { newDatabase } from '../../../integration/eventstore/postgres.js';
import { selfSigned } from './certificate.js';

/** Cheap on purpose: tests check many. */
export const quickHash = (password: string): string => {
  const salt = randomBytes(16);
  const key = scryptSync(password, salt, 32, { N: 1024, r: 8, p: 1 });
  return `scrypt$N=1024,r=8,p=1$${salt.toString('base64url')}$${key.toString('base64url')}`;
};

const user = (name: string, ...groups: string[]): StoredUser => ({
  name,
  passwordHash: quickHash(passwordOf(name)),
  groups,
});

export const passwordOf = (name: string): string => `${name}'s p@ss:wörd`;

export const credentialsOf = (username: string) => ({ username, password: passwordOf(username) });

export interface SecuredNode {
  readonly store: RunningEventStore;
  readonly authorityFile: string;
  /** A client that comes as this user, or without credentials; it is disposed of when the node stops. */
  client(name?: string, password?: string): EventStoreDBClient;
  stop(): Promise<void>;
}

export const startSecuredNode = async (): Promise<SecuredNode> => {
  const folder = mkdtempSync(join(tmpdir(), 'kopilka-secured-'));
  const authorityFile = join(folder, 'authority.pem');
  const { certificate, key } = selfSigned();
  writeFileSync(authorityFile, certificate);
  const users = [
    user('admin', '$admins'),
    user('operator', '$ops'),
    user('ann', 'analysts'),
    user('bob'),
  ];
  const store = await startEventStore({
    postgres: await newDatabase(),
    security: { certificate, key, authorityFile, users },
  });
  const clients: EventStoreDBClient[] = [];
  return {
    store,
    authorityFile,
    client: (name, password = name && passwordOf(name)) => {
      const login = name === undefined ? '' : `${name}:${encodeURIComponent(password ?? '')}@`;
      const file = encodeURIComponent(authorityFile);
      const client = EventStoreDBClient.connectionString(
        `esdb://${login}localhost:${store.port}?tls=true&tlsCAFile=${file}`,
      );
      clients.push(client);
      return client;
    },
    stop: async () => {
      for (const client of clients) await client.dispose();
      await store.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
