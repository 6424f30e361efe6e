/** Signing keys in memory with the contract of the real ones, for specs. */
import type { SigningKey, SigningKeys } from '../../commands/signingKeys.js';

export const createMemorySigningKeys = (): SigningKeys => {
  const keys = new Map<string, SigningKey>();
  return {
    list: async () => [...keys.values()],
    add: async (key) => {
      if (!keys.has(key.kid)) keys.set(key.kid, key);
    },
    retire: async (madeBefore, at) => {
      for (const key of keys.values()) {
        const open = key.retiredAt === null && key.createdAt < madeBefore;
        if (open) keys.set(key.kid, { ...key, retiredAt: at });
      }
    },
    forget: async (retiredBefore) => {
      for (const key of keys.values()) {
        if (key.retiredAt !== null && key.retiredAt < retiredBefore) keys.delete(key.kid);
      }
    },
    remove: async (kid) => void keys.delete(kid),
  };
};
