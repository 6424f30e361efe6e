/** A house with a programme, a shop with two tills of one merchant and one of another, and a customer with a card. */
import { issueCard } from '../../../../commands/customer/issueCard.js';
import { createEnrolCustomer } from '../../../../commands/customer/enrolCustomer.js';
import { createPersonalData } from '../../../../commands/personalData.js';
import { registerMerchant } from '../../../../commands/registry/registerMerchant.js';
import { registerPointOfSale } from '../../../../commands/registry/registerPointOfSale.js';
import { registerTenant } from '../../../../commands/registry/registerTenant.js';
import { setProgrammeRule } from '../../../../commands/registry/setProgrammeRule.js';
import type {
  CardNumber,
  MerchantId,
  PointOfSaleId,
  ProductId,
  PurchaseId,
  TillId,
} from '../../../../domain/ids.js';
import type { ProgrammeRule } from '../../../../domain/programme/rule.js';
import { createMemoryPersonalKeys } from '../../../../platform/memory/personalKeys.js';
import { rule } from '../../account/spec.js';
import { openHouse, startOfTime } from '../house.js';

export const till = {
  merchantId: 1 as MerchantId,
  pointOfSaleId: 10 as PointOfSaleId,
  tillId: 'till1' as TillId,
};
export const otherTill = { ...till, tillId: 'till2' as TillId };
export const foreignTill = {
  merchantId: 2 as MerchantId,
  pointOfSaleId: 20 as PointOfSaleId,
  tillId: 'till9' as TillId,
};
export const cardNumber = '2200000000017' as CardNumber;

export const openShop = async (changes: Partial<ProgrammeRule> = {}) => {
  let now = startOfTime;
  const house = openHouse(() => now);
  const { handler, context } = house;
  const tenant = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' };
  await handler.handle(registerTenant, tenant, context());
  await handler.handle(setProgrammeRule, { rule: { ...rule, ...changes } }, context());
  for (const { merchantId, pointOfSaleId } of [till, foreignTill]) {
    const merchant = { merchantId, name: 'Shop', timeZone: 'Europe/London' };
    await handler.handle(registerMerchant, merchant, context());
    const shop = { merchantId, pointOfSaleId, name: 'High Street' };
    await handler.handle(registerPointOfSale, shop, context());
  }
  const enrol = createEnrolCustomer(handler, createPersonalData(createMemoryPersonalKeys()));
  const { userId } = (await enrol({}, context())).answer;
  await handler.handle(issueCard, { userId, cardNumber }, context());
  return {
    ...house,
    userId,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    now: () => now,
  };
};
export type Shop = Awaited<ReturnType<typeof openShop>>;

/** Pieces of one product for `price` minor units each. */
export const goods = (price: number, pieces = 1) => ({
  productId: '85123A' as ProductId,
  quantity: pieces * 1_000,
  price,
});

export const receipt = (id: string, ...lines: ReturnType<typeof goods>[]) => ({
  ...till,
  purchaseId: id as PurchaseId,
  lines,
});
