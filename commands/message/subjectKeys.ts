/**
 * Keys of the subjects of messages, asked for together: whatever is asked while as many statements are under way as may be waits for the
 * next one, so a thousand recipients cost as many statements as one. A few at a time, since each that makes a key waits for the disk.
 */
import type { TenantId } from '../../domain/ids.js';
import type { PersonalKeys, PersonSubject } from '../personalData.js';

/** Null where the subject was erased. */
export type SubjectKeys = (
  tenant: TenantId,
  subjects: readonly PersonSubject[],
) => Promise<readonly (Buffer | null)[]>;

const subjectsMax = 1_000;
const atOnce = 4;

interface Asked {
  readonly subjects: readonly PersonSubject[];
  readonly resolve: (keys: readonly (Buffer | null)[]) => void;
  readonly reject: (error: unknown) => void;
}

export const createSubjectKeys = (keys: Pick<PersonalKeys, 'createMany'>): SubjectKeys => {
  const waiting = new Map<TenantId, Asked[]>();
  const busy = new Map<TenantId, number>();

  const take = (tenant: TenantId): Asked[] => {
    const asked = waiting.get(tenant) ?? [];
    let count = 0;
    const fits = asked.findIndex(({ subjects }) => (count += subjects.length) > subjectsMax);
    return asked.splice(0, fits < 0 ? asked.length : Math.max(1, fits));
  };

  const answer = async (tenant: TenantId, asked: readonly Asked[]): Promise<void> => {
    try {
      const subjects = [...new Set(asked.flatMap((one) => one.subjects))];
      const made = await keys.createMany(tenant, subjects);
      const found = new Map(subjects.map((subject, i) => [subject, made[i] ?? null]));
      for (const one of asked) one.resolve(one.subjects.map((each) => found.get(each) ?? null));
    } catch (error) {
      for (const one of asked) one.reject(error);
    }
  };

  const work = async (tenant: TenantId): Promise<void> => {
    const running = busy.get(tenant) ?? 0;
    if (running >= atOnce) return;
    busy.set(tenant, running + 1);
    // What is asked in the same turn goes along.
    await Promise.resolve();
    for (let asked = take(tenant); asked.length > 0; asked = take(tenant)) {
      await answer(tenant, asked);
    }
    const left = (busy.get(tenant) ?? 1) - 1;
    if (left > 0) busy.set(tenant, left);
    else {
      busy.delete(tenant);
      waiting.delete(tenant);
    }
  };

  return (tenant, subjects) =>
    new Promise((resolve, reject) => {
      const asked = { subjects, resolve, reject };
      const others = waiting.get(tenant);
      if (others) others.push(asked);
      else waiting.set(tenant, [asked]);
      void work(tenant);
    });
};
