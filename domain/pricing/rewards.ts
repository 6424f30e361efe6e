/**
 * The rewards there are. A new one is a file in rewards/ and a line here.
 */
import { Type, type Static } from '@sinclair/typebox';
import { amountOff } from './rewards/amountOff.js';
import { bundle } from './rewards/bundle.js';
import { buyGet } from './rewards/buyGet.js';
import { challenge } from './rewards/challenge.js';
import { cheapestFree } from './rewards/cheapestFree.js';
import { couponGrant } from './rewards/couponGrant.js';
import { fixedPrice } from './rewards/fixedPrice.js';
import { gift } from './rewards/gift.js';
import { instantWin } from './rewards/instantWin.js';
import { nthUnit } from './rewards/nthUnit.js';
import { percent } from './rewards/percent.js';
import { pointsBonus } from './rewards/pointsBonus.js';
import { pointsByAmount } from './rewards/pointsByAmount.js';
import { pointsByProduct } from './rewards/pointsByProduct.js';
import { pointsMultiplier } from './rewards/pointsMultiplier.js';
import { stamps } from './rewards/stamps.js';

export const rewardKinds = [
  percent,
  amountOff,
  fixedPrice,
  buyGet,
  bundle,
  cheapestFree,
  nthUnit,
  gift,
  pointsByAmount,
  pointsByProduct,
  pointsMultiplier,
  pointsBonus,
  couponGrant,
  stamps,
  challenge,
  instantWin,
] as const;

/** One reward with its arguments, as a campaign holds it. */
export type Reward = Static<(typeof rewardKinds)[number]['schema']>;
export const Reward = Type.Unsafe<Reward>(Type.Union(rewardKinds.map(({ schema }) => schema)));
