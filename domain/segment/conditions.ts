/**
 * The conditions of dynamic segments. A new one is a file in conditions/, a line here and its SQL in
 * projections/segments/predicates.ts, without which it does not compile.
 */
import type { Static } from '@sinclair/typebox';
import { category } from './conditions/category.js';
import { enrolled } from './conditions/enrolled.js';
import { firstPurchase } from './conditions/firstPurchase.js';
import { language } from './conditions/language.js';
import { lastPurchase } from './conditions/lastPurchase.js';
import { merchant } from './conditions/merchant.js';
import { points } from './conditions/points.js';
import { product } from './conditions/product.js';
import { purchases } from './conditions/purchases.js';
import { spent } from './conditions/spent.js';
import { tier } from './conditions/tier.js';

export const accountConditionKinds = [
  purchases,
  spent,
  lastPurchase,
  firstPurchase,
  enrolled,
  points,
  tier,
  language,
  merchant,
  product,
  category,
] as const;

/** One condition with its arguments, as a definition holds it. */
export type SimpleAccountCondition = Static<(typeof accountConditionKinds)[number]['schema']>;
