/** Customers of a shop, and the worker's part of their leaving: their contacts become free. */
import { createCloseAccount } from '../../../commands/customer/closeAccount.js';
import { claimContact } from '../../../commands/customer/contactOwnership.js';
import {
  createEnrolCustomer,
  type EnrolCustomerInput,
} from '../../../commands/customer/enrolCustomer.js';
import type { CommandContext } from '../../../commands/command.js';
import { createPersonalData } from '../../../commands/personalData.js';
import { account, accountStream } from '../../../domain/account/account.js';
import type { UserId } from '../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import type { Shop } from '../commands/account/shop.js';
import { demo } from '../commands/house.js';

export const enrolling = (shop: Shop) => {
  const command = createEnrolCustomer(shop.handler, createPersonalData(createMemoryPersonalKeys()));
  return async (input: EnrolCustomerInput, changes: Partial<CommandContext> = {}) => {
    const { answer } = await command(input, shop.context(changes));
    const { phoneHash } = await shop.handler.state(accountStream(demo, answer.userId), account);
    if (phoneHash !== null) {
      const claim = { kind: 'phone', hash: phoneHash, userId: answer.userId } as const;
      await shop.handler.handle(claimContact, claim, shop.context());
    }
    return answer;
  };
};

export const closeAccount = (shop: Shop, userId: UserId) =>
  createCloseAccount(shop.handler)({ userId, reason: 'moved away' }, shop.context());
