/**
 * The conditions there are. A new one is a file in conditions/ and a line here: its schema joins the campaign's, the console
 * gets its form and the reference its row.
 */
import type { Static } from '@sinclair/typebox';
import { birthday } from './conditions/birthday.js';
import { brand } from './conditions/brand.js';
import { category } from './conditions/category.js';
import { coupon } from './conditions/coupon.js';
import { customerAttribute } from './conditions/customerAttribute.js';
import { dates } from './conditions/dates.js';
import { firstPurchase } from './conditions/firstPurchase.js';
import { hours } from './conditions/hours.js';
import { knownCustomer } from './conditions/knownCustomer.js';
import { language } from './conditions/language.js';
import { lineAttribute } from './conditions/lineAttribute.js';
import { lineQuantity } from './conditions/lineQuantity.js';
import { merchant } from './conditions/merchant.js';
import { nthPurchase } from './conditions/nthPurchase.js';
import { pointOfSale } from './conditions/pointOfSale.js';
import { product } from './conditions/product.js';
import { receiptAttribute } from './conditions/receiptAttribute.js';
import { receiptTotal } from './conditions/receiptTotal.js';
import { segment } from './conditions/segment.js';
import { tier } from './conditions/tier.js';
import { unitPrice } from './conditions/unitPrice.js';
import { weekday } from './conditions/weekday.js';

export const conditionKinds = [
  weekday,
  hours,
  dates,
  merchant,
  pointOfSale,
  product,
  category,
  brand,
  lineAttribute,
  unitPrice,
  lineQuantity,
  receiptTotal,
  receiptAttribute,
  knownCustomer,
  tier,
  segment,
  birthday,
  firstPurchase,
  nthPurchase,
  customerAttribute,
  language,
  coupon,
] as const;

/** One condition with its arguments, as a campaign holds it. */
export type SimpleCondition = Static<(typeof conditionKinds)[number]['schema']>;
