/** The write side over a log in memory, its directory fed as in the real house. Close it, or the feed never ends. */
import { randomUUID } from 'node:crypto';
import type { CommandContext } from '../../../commands/command.js';
import { createBirthdays } from '../../../commands/birthdays.js';
import { createCouponKeys } from '../../../commands/coupon/keys.js';
import { giftCardKeyPurpose } from '../../../commands/giftCards.js';
import { createDirectory } from '../../../commands/directory.js';
import { createHandler } from '../../../commands/handle.js';
import { createPersonalData } from '../../../commands/personalData.js';
import { createReferralKeys } from '../../../commands/referral/codes.js';
import { createSeeds } from '../../../commands/seeds.js';
import type { TenantId } from '../../../domain/ids.js';
import { createMemoryLog } from '../../../platform/memory/log.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';

export const demo = 'demo' as TenantId;
export const startOfTime = Date.UTC(2011, 0, 1);

export const openHouse = (now: () => number = () => startOfTime) => {
  const log = createMemoryLog(now);
  const keys = createMemoryPersonalKeys();
  const directory = createDirectory({
    couponKeys: createCouponKeys(keys),
    giftCardKeys: createCouponKeys(keys, giftCardKeyPurpose),
    seeds: createSeeds(keys),
    referralKeys: createReferralKeys(keys),
    birthdays: createBirthdays(createPersonalData(keys)),
  });
  const closing = new AbortController();
  const { signal } = closing;
  const feeding = (async () => {
    for await (const item of log.subscribe({ from: null, filter: {}, signal })) {
      if (item.kind === 'fact') directory.apply(item.fact);
      if (item.kind === 'checkpoint') directory.advance(item.position);
    }
  })();
  const context = (changes: Partial<CommandContext> = {}): CommandContext => ({
    tenant: demo,
    actor: { kind: 'operator', id: 'owner' },
    now: now(),
    idempotencyKey: randomUUID(),
    correlationId: 'spec',
    ...changes,
  });
  return {
    log,
    keys,
    directory,
    // Room for all of a test, not for all of a day: there are thousands of houses.
    handler: createHandler({ log, directory, cacheEntries: 1_000 }),
    context,
    types: () => log.facts.map(({ type }) => type),
    close: async () => {
      closing.abort();
      await feeding;
    },
  };
};
export type House = ReturnType<typeof openHouse>;
