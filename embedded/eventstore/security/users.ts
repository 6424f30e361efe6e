/**
 * Who may use a secured node: users by name and password, from configuration.
 *
 * Checking a password is slow by intention, and a client sends its own with every call: whoever was recognised once is
 * recognised by a digest from then on, and no more than two passwords are worked on at a time.
 */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** A user as configured. */
export interface StoredUser {
  readonly name: string;
  /** `scrypt$N=32768,r=8,p=1$<salt>$<hash>`, both base64url. */
  readonly passwordHash: string;
  /** Among them `$admins`, who may do everything, and `$ops`. */
  readonly groups: readonly string[];
}

/** A caller that was recognised. */
export interface Principal {
  readonly name: string;
  readonly groups: readonly string[];
}

/** The port that a node asks; other ways to keep users can stand behind it. */
export interface Users {
  /** Undefined when the name or the password is wrong. Throws `UsersBusy`. */
  verify(name: string, password: string): Promise<Principal | undefined>;
}

/** Too many passwords at once: nothing was checked. */
export class UsersBusy extends Error {}

const HASH =
  /^scrypt\$N=(\d{4,7}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;
const COST = { N: 2 ** 15, r: 8, p: 1 };
const KEY_BYTES = 32;
const MEMORY_MAX_BYTES = 256 * 1024 * 1024;
const AT_ONCE = 2;
const WAITING_MAX = 100;
const RECOGNISED_MAX = 1000;

/**
 * Reads a file of users: a line each, `name:hash` or `name:hash:group,group`; empty lines and those that begin with
 * `#` say nothing. Throws an error that names the line.
 */
export const parseUsers = (text: string): StoredUser[] => {
  const users: StoredUser[] = [];
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const [name = '', passwordHash = '', groups = '', ...rest] = line.trim().split(':');
    const fault = (what: string): Error => new Error(`line ${i + 1} of the users: ${what}`);
    if (name === '' || rest.length > 0) throw fault('expected name:hash:group,group');
    if (!HASH.test(passwordHash)) throw fault('the hash is not one of scrypt');
    if (users.some((user) => user.name === name)) throw fault(`${name} is there twice`);
    const list = groups.split(',').filter((group) => group !== '');
    users.push({ name, passwordHash, groups: list });
  });
  return users;
};

/**
 * The line of a file of users for this one, its password hashed: 32 MiB and some 80 ms of a core. Throws for a name or
 * group that no such line can hold.
 */
export const userLine = async (
  name: string,
  password: string,
  groups: readonly string[],
): Promise<string> => {
  for (const word of [name, ...groups]) {
    if (!/^[^\s:,#][^\s:,]*$/.test(word))
      throw new Error(`${JSON.stringify(word)} will not do for a name: no space, colon or comma`);
  }
  const salt = randomBytes(16);
  const key = await derive(password, salt, COST);
  const hash = `scrypt$N=${COST.N},r=${COST.r},p=${COST.p}$${salt.toString('base64url')}$${key.toString('base64url')}`;
  return groups.length > 0 ? `${name}:${hash}:${groups.join(',')}` : `${name}:${hash}`;
};

export class ConfiguredUsers implements Users {
  private readonly users: ReadonlyMap<string, StoredUser>;
  private readonly recognised = new LRUCache<string, Promise<Principal | undefined>>({
    max: RECOGNISED_MAX,
  });
  private readonly salt = randomBytes(16);
  private working = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(users: readonly StoredUser[]) {
    this.users = new Map(users.map((user) => [user.name, user]));
  }

  verify(name: string, password: string): Promise<Principal | undefined> {
    const digest = createHash('sha256').update(this.salt).update(`${name}:${password}`);
    const key = digest.digest('base64');
    const known = this.recognised.get(key);
    if (known) return known;
    const answer = this.check(name, password);
    this.recognised.set(key, answer);
    const forget = (): void => void this.recognised.delete(key);
    answer.then((principal) => principal ?? forget(), forget);
    return answer;
  }

  private async check(name: string, password: string): Promise<Principal | undefined> {
    const user = this.users.get(name);
    // An unknown name takes as long as a wrong password: time must not tell which names there are.
    const isRight = await this.inTurn(() => matches(password, user?.passwordHash ?? NOBODY));
    return user && isRight ? { name, groups: user.groups } : undefined;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.working >= AT_ONCE) {
      if (this.waiting.length >= WAITING_MAX) throw new UsersBusy('too many passwords at once');
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.working++;
    try {
      return await work();
    } finally {
      this.working--;
      this.waiting.shift()?.();
    }
  }
}

const NOBODY = `scrypt$N=32768,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

const matches = async (password: string, passwordHash: string): Promise<boolean> => {
  const [, N, r, p, salt = '', hash = ''] = HASH.exec(passwordHash) ?? [];
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const key = await derive(password, Buffer.from(salt, 'base64url'), cost);
  return timingSafeEqual(key, Buffer.from(hash, 'base64url'));
};

const derive = (password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    scrypt(password, salt, KEY_BYTES, { ...cost, maxmem: MEMORY_MAX_BYTES }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );
