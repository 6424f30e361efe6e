/**
 * The birthdays of customers for those decisions that ask: only where a campaign in force has such a condition is one opened, under the
 * customer's own key. What was opened is remembered for a minute, for the confirmation that follows the quote, and no longer, since
 * an erasure must not leave it behind.
 */
import { LRUCache } from 'lru-cache';
import type { TenantId, UserId } from '../domain/ids.js';
import type { PersonalData } from './personalData.js';

export interface Birthdays {
  /** `--05-31`; null once the person is erased. `sealed` is the account's. */
  of(tenant: TenantId, userId: UserId, sealed: string): Promise<string | null>;
}

/** Where there are no keys nobody has a birthday. */
export const noBirthdays: Birthdays = { of: async () => null };

const openedMax = 10_000;
const openedMs = 60_000;

export const createBirthdays = (personalData: Pick<PersonalData, 'open'>): Birthdays => {
  const opened = new LRUCache<string, string>({ max: openedMax, ttl: openedMs });
  return {
    of: async (tenant, userId, sealed) => {
      const known = opened.get(sealed);
      if (known !== undefined) return known;
      const birthday = (await personalData.open(tenant, userId, sealed))?.birthDate ?? null;
      if (birthday !== null) opened.set(sealed, birthday);
      return birthday;
    },
  };
};

/** Of a birth date, YYYY-MM-DD, what campaigns may ask about: the year is nobody's business. */
export const monthAndDay = (birthDate: string): string => `--${birthDate.slice(5)}`;
