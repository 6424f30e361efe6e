/** Keys in memory with the contract of the real ones, for specs. Gone when the process ends. */
import { randomBytes } from 'node:crypto';
import { KeyDestroyed, type PersonalKeys } from '../../commands/personalData.js';

export const createMemoryPersonalKeys = (): PersonalKeys => {
  const keys = new Map<string, Buffer | null>();
  const indexKeys = new Map<string, Buffer>();
  return {
    create: async (tenant, subject) => {
      const id = `${tenant}|${subject}`;
      const known = keys.get(id);
      if (known === null) throw new KeyDestroyed();
      const key = known ?? randomBytes(32);
      keys.set(id, key);
      return key;
    },
    createMany: async (tenant, subjects) =>
      subjects.map((subject) => {
        const id = `${tenant}|${subject}`;
        if (!keys.has(id)) keys.set(id, randomBytes(32));
        return keys.get(id) ?? null;
      }),
    find: async (tenant, subject) => keys.get(`${tenant}|${subject}`) ?? null,
    destroy: async (tenant, subject) => void keys.set(`${tenant}|${subject}`, null),
    indexKey: async (tenant) => {
      const key = indexKeys.get(tenant) ?? randomBytes(32);
      indexKeys.set(tenant, key);
      return key;
    },
  };
};
