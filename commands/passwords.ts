/**
 * Passwords of operators: scrypt, with the parameters and the salt in the string that is kept, so that they can be raised later.
 *
 * One hash takes 32 MiB and some 80 ms of a core, by intention. No more than two are worked on at once and a bounded number
 * waits, so that a flood of logins takes neither the memory nor the threads that everything else needs.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

const cost: Cost = { N: 2 ** 15, r: 8, p: 1 };
const keyBytes = 32;
const saltBytes = 16;
const atOnce = 2;
const waitingMax = 100;

export const passwordLength = { min: 10, max: 200 } as const;

/** Too many logins at once: nothing was checked. */
export class PasswordsBusy extends Error {
  override readonly name = 'PasswordsBusy';
  constructor() {
    super('Too many passwords are being checked: repeat in a few seconds.');
  }
}

/** `scrypt$N=32768,r=8,p=1$<salt>$<hash>`, both base64url. @throws PasswordsBusy */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(saltBytes);
  const key = await derive(password, salt, cost);
  const parameters = `N=${cost.N},r=${cost.r},p=${cost.p}`;
  return `scrypt$${parameters}$${salt.toString('base64url')}$${key.toString('base64url')}`;
};

const kept =
  /^scrypt\$N=(\d{4,7}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;

/** False as well for a hash that cannot be read. @throws PasswordsBusy */
export const verifyPassword = async (password: string, passwordHash: string): Promise<boolean> => {
  const [, N, r, p, salt, hash] = kept.exec(passwordHash) ?? [];
  if (!salt || !hash) return false;
  const key = await derive(password, Buffer.from(salt, 'base64url'), {
    N: Number(N),
    r: Number(r),
    p: Number(p),
  });
  return timingSafeEqual(key, Buffer.from(hash, 'base64url'));
};

let unknown: Promise<string> | undefined;

/** Takes as long as checking a real password, for logins that do not exist: time must not tell which do. Always false. */
export const verifyNobody = async (password: string): Promise<false> => {
  unknown ??= hashPassword(randomBytes(16).toString('hex'));
  await verifyPassword(password, await unknown);
  return false;
};

/** Why a password will not do, or null. Length is the schema's affair. */
export const passwordFault = (password: string, login: string): string | null => {
  const plain = password.normalize('NFKC').toLowerCase();
  if (new Set(plain).size < 5) return 'repeats too few different characters';
  if (plain.includes(login.toLowerCase()) && login.length > 3) return 'contains the login';
  if (isSequence(plain)) return 'is a sequence that is guessed first';
  if (guessedFirst.some((word) => plain.replaceAll(word, '').length < 4)) {
    return 'is among those that are guessed first';
  }
  return null;
};

const guessedFirst = [
  'password',
  'passwort',
  'qwertyuiop',
  'kopilka',
  'welcome',
  'letmein',
  'iloveyou',
  'administrator',
  'changeme',
  'correcthorsebatterystaple',
];

/** abcdefghij, 9876543210: every character follows the one before by the same step of one. */
const isSequence = (text: string): boolean => {
  const steps = [...text].slice(1).map((_, i) => text.charCodeAt(i + 1) - text.charCodeAt(i));
  return steps.filter((step) => Math.abs(step) === 1).length >= steps.length - 1;
};

let working = 0;
const waiting: (() => void)[] = [];

const derive = async (password: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> => {
  if (working >= atOnce) {
    if (waiting.length >= waitingMax) throw new PasswordsBusy();
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    working += 1;
  }
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const maxmem = 256 * N * r;
      scrypt(password.normalize('NFKC'), salt, keyBytes, { N, r, p, maxmem }, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    });
  } finally {
    // A place goes to the next in the queue, or back.
    const next = waiting.shift();
    if (next) next();
    else working -= 1;
  }
};
