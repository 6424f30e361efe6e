/**
 * Seeds that are committed to before they are used: of prize draws and of instant wins.
 *
 * A seed is HMAC-SHA256 of what it is for under the tenant's key, so that nothing has to be kept, a repeated command commits to
 * the same seed, and it is as safe as the tenant's other secrets. Its hash is published first; the seed when the draw is decided.
 */
import { createHash, createHmac } from 'node:crypto';
import type { KeyedHash } from '../domain/draw/uniform.js';
import type { TenantId, UserId } from '../domain/ids.js';
import type { PersonalKeys } from './personalData.js';

export interface Seed {
  /** 64 hex digits. */
  readonly seed: string;
  /** SHA-256 of its bytes, hex. */
  readonly seedHash: string;
  /** HMAC-SHA256 under it. */
  readonly hash: KeyedHash;
}

export interface Seeds {
  /** At once where it was asked for before. */
  of(tenant: TenantId, use: 'draw' | 'game', id: string): Seed | Promise<Seed>;
  /** The customer's pseudonym in a draw: 32 hex digits that say nothing to anybody else. */
  participant(tenant: TenantId, drawId: string, userId: UserId): Promise<string>;
}

const remembered = 1_000;

export const createSeeds = (keys: Pick<PersonalKeys, 'indexKey'>): Seeds => {
  const known = new Map<string, Seed>();
  const derive = async (tenant: TenantId, purpose: string): Promise<Buffer> =>
    createHmac('sha256', await keys.indexKey(tenant))
      .update(purpose)
      .digest();
  return {
    of: (tenant, use, id) => {
      const name = `${tenant}\n${use}\n${id}`;
      const found = known.get(name);
      if (found) return found;
      return derive(tenant, `${use} seed\n${id}`).then((seed) => {
        if (known.size >= remembered) known.clear();
        const made = seedOf(seed);
        known.set(name, made);
        return made;
      });
    },
    participant: async (tenant, drawId, userId) => {
      const key = await derive(tenant, `draw participants\n${drawId}`);
      return createHmac('sha256', key).update(userId).digest('hex').slice(0, 32);
    },
  };
};

const unavailable = (): never => {
  throw new Error('seeds need the keys of the tenants: give them to createDirectory');
};
/** For a directory over which nothing is drawn. */
export const noSeeds: Seeds = { of: unavailable, participant: unavailable };

export const seedOf = (bytes: Buffer): Seed => ({
  seed: bytes.toString('hex'),
  seedHash: createHash('sha256').update(bytes).digest('hex'),
  hash: (message) => createHmac('sha256', bytes).update(message).digest(),
});

/** SHA-256 of a text or bytes, hex. */
export const sha256 = (text: string | Buffer): string =>
  createHash('sha256').update(text).digest('hex');
