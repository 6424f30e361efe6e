/**
 * Makes a node secure: TLS, users, access control lists. Without, a node serves whoever reaches it, in the clear, and
 * therefore listens on this machine alone.
 *
 * The process that started the node is a user of its own, with a password drawn at each start, so that it needs no
 * secret in the configuration to reach its own log.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { EventLog } from '../log/eventLog.js';
import type { SecurityOptions } from '../options.js';
import { Access } from './access.js';
import { Gate } from './gate.js';
import { ConfiguredUsers, type Principal, type Users } from './users.js';

export interface Security {
  readonly gate: Gate;
  /** For the process that started the node; holds a password. */
  connectionString(host: string, port: number): string;
}

const OWNER = 'kopilka-node';

export const secure = (options: SecurityOptions, log: EventLog): Security => {
  const password = randomBytes(24).toString('hex');
  const users = new OwnerAndUsers(password, new ConfiguredUsers(options.users));
  return {
    gate: new Gate(new Access(users, log)),
    connectionString: (host, port) => {
      const file = options.authorityFile && encodeURIComponent(options.authorityFile);
      const trusting = file ? `&tlsCAFile=${file}` : '';
      const dialled = isWildcard(host) || isLoopback(host) ? 'localhost' : host;
      return `esdb://${OWNER}:${password}@${dialled}:${port}?tls=true${trusting}`;
    },
  };
};

class OwnerAndUsers implements Users {
  constructor(
    private readonly password: string,
    private readonly others: Users,
  ) {}

  async verify(name: string, password: string): Promise<Principal | undefined> {
    if (name !== OWNER) return this.others.verify(name, password);
    const isRight = timingSafeEqual(digest(password), digest(this.password));
    return isRight ? { name, groups: ['$admins'] } : undefined;
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** Throws where a node without security would be reachable from other machines. */
export const requireLoopback = (host: string): void => {
  if (isLoopback(host)) return;
  throw new Error(
    `Without TLS and users the event store listens on this machine only, not on ${host}: give it a certificate, a key and users.`,
  );
};
